import { useState } from "react";
import { useSession } from "../../api/queries/system";
import { useSimulationReset } from "../../api/queries/trading";
import { ConfirmDialog } from "../../components/ConfirmDialog";

const EFFECTS = [
  "The record of this paper account is set aside.",
  "The account begins anew with the first balance of its configuration.",
];

export function SimulationReset({ account }: { readonly account: string }) {
  const [isAsked, setIsAsked] = useState(false);
  const reset = useSimulationReset();
  const isViewer = useSession().data?.role === "viewer";
  const close = () => {
    reset.reset();
    setIsAsked(false);
  };
  return (
    <>
      <button type="button" className="button" disabled={isViewer} onClick={() => setIsAsked(true)}>
        Reset simulation
      </button>
      {isAsked && (
        <ConfirmDialog
          title={`Reset simulation \u2013 ${account}`}
          effects={EFFECTS}
          verb="Reset"
          isDangerous
          isBusy={reset.isPending}
          error={reset.error}
          onConfirm={(reason) => reset.mutate({ account, reason }, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
