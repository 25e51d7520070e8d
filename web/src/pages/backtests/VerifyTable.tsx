import type { Schemas } from "../../api/client";
import { useAskVerification, useVerification } from "../../api/queries/research";
import { useSession } from "../../api/queries/system";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { ErrorState } from "../../components/ErrorState";
import { Panel } from "../../components/Panel";
import { Tag } from "../../components/Tag";
import { percent } from "../../format/numbers";
import { requestOf } from "./axes";

type Check = Schemas["Check"];

function verdict({ passed }: Check) {
  if (passed === null) return <Tag>for information</Tag>;
  return <Tag tone={passed ? "up" : "down"}>{passed ? "passed" : "failed"}</Tag>;
}

const COLUMNS: readonly Column<Check>[] = [
  { title: "Check", cell: (it) => it.name },
  { title: "Verdict", cell: verdict },
  { title: "Found", cell: (it) => it.fact, wrap: true },
];

/** Whether the strategy sees the future, depends on where it begins, or lives on free trades. */
export function VerifyTable({ run }: { readonly run: Schemas["BacktestDetail"] }) {
  const ask = useAskVerification();
  const found = useVerification(ask.data?.id ?? "").data;
  const isViewer = useSession().data?.role === "viewer";
  const isBusy = ask.isPending || found?.state === "queued" || found?.state === "running";
  return (
    <Panel
      title="Can it be believed?"
      flush
      actions={
        <button type="button" className="button" disabled={isBusy || isViewer} onClick={() => ask.mutate(requestOf(run))}>
          {isBusy ? `Running ${percent(found?.progress ?? 0, 0)}` : "Verify"}
        </button>
      }
    >
      {ask.error !== null && <ErrorState error={ask.error} />}
      {found?.error && <p className="notice" data-tone="down" role="alert">{found.error}</p>}
      {found?.state === "done" ? (
        <DataTable label="Checks" columns={COLUMNS} rows={found.checks} keyOf={(it) => it.name} empty={null} />
      ) : (
        <p className="empty">Looks for a look into the future, for results that hang on the first bar, and for costs left out.</p>
      )}
    </Panel>
  );
}
