import { type FormEvent, useEffect, useRef, useState } from "react";
import { ErrorState } from "./ErrorState";

interface Props {
  readonly title: string;
  /** What will happen, a sentence each. */
  readonly effects: readonly string[];
  readonly verb: string;
  readonly isDangerous?: boolean;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
}

/** Says what an action will do before it does it. Escape leaves everything as it is. */
export function ConfirmDialog({ title, effects, verb, isDangerous = false, isBusy, error, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm(reason);
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <form className="dialog-body" onSubmit={submit}>
        <h2>{title}</h2>
        <ul className="effects">
          {effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
        <label className="field">
          <span>Reason, for the audit (optional)</span>
          <input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
        </label>
        {error !== null && <ErrorState error={error} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" className="button" data-kind={isDangerous ? "halt" : "primary"} disabled={isBusy}>
            {verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}
