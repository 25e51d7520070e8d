import { type FormEvent, useState } from "react";
import { useImportFile } from "../../api/queries/research";
import { useSession } from "../../api/queries/system";
import { ErrorState } from "../../components/ErrorState";
import { Panel } from "../../components/Panel";
import { count } from "../../format/numbers";

/** What the API takes in one request. */
const MOST_BYTES = 900_000;

/** Brings a file of bars into the store. */
export function ImportFile({ onClose }: { readonly onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [told, setTold] = useState({ symbol: "", venue: "", interval: "" });
  const [replace, setReplace] = useState(false);
  const take = useImportFile();
  const isViewer = useSession().data?.role === "viewer";
  const isTooLong = file !== null && file.size > MOST_BYTES;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (file === null) return;
    const { symbol, venue, interval } = told;
    take.mutate({
      name: file.name,
      content: await file.text(),
      symbol: symbol || null,
      venue: venue || null,
      interval: interval || null,
      replace,
    });
  };
  const field = (label: string, name: keyof typeof told, hint: string) => (
    <label className="field">
      <span>{label}</span>
      <input value={told[name]} placeholder={hint} onChange={(event) => setTold((now) => ({ ...now, [name]: event.target.value }))} />
    </label>
  );
  return (
    <Panel title="Import a file of bars" actions={<button type="button" className="button" data-kind="quiet" onClick={onClose}>Close</button>}>
      <form className="form" onSubmit={submit}>
        <label className="field double">
          <span>File: CSV, JSON or JSON lines</span>
          <input type="file" accept=".csv,.json,.jsonl,.ndjson" required onChange={(event) => { take.reset(); setFile(event.target.files?.[0] ?? null); }} />
        </label>
        {field("Market", "symbol", "by the file")}
        {field("Venue", "venue", "by the file")}
        {field("Interval", "interval", "by the file")}
        <label className="check">
          <input type="checkbox" checked={replace} onChange={(event) => setReplace(event.target.checked)} />
          Replace stored bars that differ
        </label>
        <div className="wide row">
          <button type="submit" className="button" data-kind="primary" disabled={file === null || isTooLong || isViewer || take.isPending} title={isViewer ? "Viewers may look, not act." : undefined}>
            Import
          </button>
          <span className="quiet">Each row needs a time, open, high, low, close and volume.</span>
        </div>
        <div className="wide">
          {isTooLong && (
            <p className="notice" data-tone="down" role="alert">
              {file.name} has {count(file.size / 1000)} kB; the page takes {count(MOST_BYTES / 1000)} kB. <code>tradebot data import</code> takes any.
            </p>
          )}
          {take.error !== null && <ErrorState error={take.error} names={{ content: file?.name ?? "" }} />}
          {take.data?.imported.map((it) => (
            <div key={it.series} className="notice" data-tone={it.faults.length > 0 ? "warn" : "up"} role="status">
              {count(it.rows)} {it.kind} of {it.series} are in the store.
              {it.faults.map((fault) => <p key={fault}>{fault}</p>)}
            </div>
          ))}
        </div>
      </form>
    </Panel>
  );
}
