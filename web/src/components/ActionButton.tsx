import { useState } from "react";
import { useSession } from "../api/queries/system";
import { ConfirmDialog } from "./ConfirmDialog";

interface Action {
  readonly mutate: (reason: string, options: { readonly onSuccess: () => void }) => void;
  readonly reset: () => void;
  readonly isPending: boolean;
  readonly error: Error | null;
}

interface Props {
  /** What stands on the button. */
  readonly label: string;
  /** What it is done to: MOCKUSDT, an order. */
  readonly subject: string;
  readonly effects: readonly string[];
  readonly action: Action;
}

/** Something an operator does by hand to one thing, once they have read what it will do. */
export function ActionButton({ label, subject, effects, action }: Props) {
  const [isAsked, setIsAsked] = useState(false);
  const isViewer = useSession().data?.role === "viewer";
  const close = () => {
    action.reset();
    setIsAsked(false);
  };
  return (
    <>
      <button
        type="button"
        className="button"
        data-kind="small"
        aria-label={`${label} ${subject}`}
        disabled={isViewer}
        title={isViewer ? "Viewers may look, not act. Log in as operator." : effects.join(" ")}
        onClick={() => setIsAsked(true)}
      >
        {label}
      </button>
      {isAsked && (
        <ConfirmDialog
          title={`${label} ${subject}`}
          effects={effects}
          verb={label}
          isDangerous
          isBusy={action.isPending}
          error={action.error}
          onConfirm={(reason) => action.mutate(reason, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
