import type { Schemas } from "../api/client";
import { useBot, useCompareNow, useReconcile } from "../api/queries/trading";
import { useSession } from "../api/queries/system";
import { Answer } from "../components/Answer";
import type { Column } from "../components/column";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { ErrorState } from "../components/ErrorState";
import { Panel } from "../components/Panel";
import { Tag } from "../components/Tag";
import { Time } from "../components/Time";
import { count, exact, NOTHING } from "../format/numbers";
import { Page } from "../layout/Page";
import { NoBot } from "./NoBot";

type Compared = Schemas["ComparedThing"];

function shown(value: number | string | null): string {
  if (value === null) return NOTHING;
  return typeof value === "number" ? exact(value) : value.replaceAll("_", " ");
}

const COLUMNS: readonly Column<Compared>[] = [
  { title: "Kind", cell: (it) => it.kind, sortBy: (it) => it.kind },
  { title: "Name", cell: (it) => it.name, sortBy: (it) => it.name },
  { title: "Ours", cell: (it) => shown(it.ours), isNumber: true },
  { title: "The broker's", cell: (it) => shown(it.brokers), isNumber: true },
  {
    title: "Verdict",
    cell: (it) => <Tag tone={it.differs ? "down" : "up"}>{it.differs ? "differs" : "same"}</Tag>,
    sortBy: (it) => (it.differs ? 1 : 0),
  },
];

function Books({ found }: { readonly found: Schemas["Reconciliation"] }) {
  const isRight = found.differences === 0;
  return (
    <>
      <p className="notice" data-tone={isRight ? "up" : "down"} role="status">
        {isRight ? "Books and broker agree" : `${count(found.differences)} differences`}
        {found.time != null && <>, as of the broker's answer of <Time at={found.time} /></>}
        {found.is_simulated && "; the broker is simulated, inside this process"}.
        {found.quarantined.length > 0 && ` Closed to entries until a release: ${found.quarantined.join(", ")}.`}
      </p>
      <Panel title="Ours beside the broker's" flush>
        <DataTable
          label="Ours beside the broker's"
          columns={COLUMNS}
          rows={found.compared}
          keyOf={(it) => `${it.kind}${it.name}`}
          height={640}
          empty={<Empty title="Nothing to compare">Neither side has a position, an order or a balance.</Empty>}
        />
      </Panel>
    </>
  );
}

/** What is held, what rests and what it is worth, by our books and by the broker's answer. */
export function Reconcile() {
  const reconcile = useReconcile();
  const compare = useCompareNow();
  const isViewer = useSession().data?.role === "viewer";
  const hasBot = useBot().data?.phase !== "absent";
  return (
    <Page
      title="Reconcile"
      actions={
        <button type="button" className="button" disabled={isViewer || !hasBot || compare.isPending} onClick={() => compare.mutate()}>
          Ask the broker now
        </button>
      }
    >
      <p className="quiet">
        The bot compares its books with the broker's account at its start and again and again while it runs. A position
        that trades do not explain closes its market to entries; seen twice, it halts the bot.
      </p>
      {compare.error !== null && <ErrorState error={compare.error} />}
      {hasBot ? (
        <Answer query={reconcile} height={300}>
          {(found) => <Books found={found} />}
        </Answer>
      ) : (
        <NoBot />
      )}
    </Page>
  );
}
