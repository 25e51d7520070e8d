import { useState } from "react";
import { useSession } from "../api/queries/system";
import { useTellBot } from "../api/queries/trading";
import { ConfirmDialog } from "../components/ConfirmDialog";
import type { Verb } from "./verbs";

interface Props {
  readonly verb: Verb;
  readonly account: string;
  readonly isPossible: boolean;
}

export function VerbButton({ verb, account, isPossible }: Props) {
  const [isAsked, setIsAsked] = useState(false);
  const tell = useTellBot();
  const isViewer = useSession().data?.role === "viewer";
  const isDangerous = verb.kind === "halt" || verb.kind === "danger";
  const close = () => {
    tell.reset();
    setIsAsked(false);
  };
  return (
    <>
      <button
        type="button"
        className="button"
        data-kind={verb.kind}
        disabled={!isPossible || isViewer}
        title={isViewer ? "Viewers may look, not act. Log in as operator." : verb.effects.join(" ")}
        onClick={() => setIsAsked(true)}
      >
        {verb.label}
      </button>
      {isAsked && (
        <ConfirmDialog
          title={`${verb.label} \u2013 ${account}`}
          effects={verb.effects}
          verb={verb.label}
          isDangerous={isDangerous}
          isBusy={tell.isPending}
          error={tell.error}
          onConfirm={(reason) => tell.mutate({ action: verb.action, account, reason }, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
