import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { useSession } from "../../api/queries/system";
import { useNote } from "../../api/queries/trading";
import { ErrorState } from "../../components/ErrorState";

const MOST_CHARACTERS = 2000;

interface Props {
  readonly fill: Schemas["Fill"];
  readonly onClose: () => void;
}

function NoteDialog({ fill, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(fill.note ?? "");
  const write = useNote();
  const title = `Note on trade ${fill.trade_id} of ${fill.symbol}`;
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate({ symbol: fill.symbol, tradeId: fill.trade_id, text }, { onSuccess: onClose });
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <form className="dialog-body" onSubmit={submit}>
        <h2>{title}</h2>
        <label className="field">
          <span>What is worth keeping about it; nothing takes the note away</span>
          <textarea rows={5} maxLength={MOST_CHARACTERS} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        {write.error !== null && <ErrorState error={write.error} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" className="button" data-kind="primary" disabled={write.isPending}>
            Keep the note
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** The note of a trade, and the way to write it. */
export function TradeNote({ fill }: { readonly fill: Schemas["Fill"] }) {
  const [isOpen, setIsOpen] = useState(false);
  const isViewer = useSession().data?.role === "viewer";
  if (isViewer) return fill.note;
  return (
    <>
      <button type="button" className="button note" data-kind="link" aria-label={fill.note ? `Note on trade ${fill.trade_id}: ${fill.note}` : `Add a note on trade ${fill.trade_id}`} onClick={() => setIsOpen(true)}>
        {fill.note || "Add"}
      </button>
      {isOpen && <NoteDialog fill={fill} onClose={() => setIsOpen(false)} />}
    </>
  );
}
