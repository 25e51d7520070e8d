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
import { count, exact } from "../format/numbers";
import { Page } from "../layout/Page";
import { VerbButton } from "../layout/VerbButton";
import { VERBS } from "../layout/verbs";
import { NoBot } from "./NoBot";

type Compared = Schemas["ComparedThing"];

function shown(value: number | string | null): string {
  if (value === null) return "none";
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
  const differingFirst = [...found.compared].sort((a, b) => Number(b.differs) - Number(a.differs));
  return (
    <>
      <p className="notice" data-tone={isRight ? "up" : "down"} role="status">
        {isRight ? "Books and broker agree" : `${count(found.differences)} ${found.differences === 1 ? "difference" : "differences"}`}
        {found.time != null && <>, as of the broker's answer of <Time at={found.time} /></>}
        {found.is_simulated && "; the broker is simulated, inside this process"}.
      </p>
      {found.quarantined.length > 0 && (
        <div className="notice action" data-tone="warn">
          <p>{found.quarantined.join(", ")}: closed to entries until a release. Find out first who traded or ordered there.</p>
          {found.halted === "" && <VerbButton verb={VERBS.reopen} account={found.account} isPossible />}
        </div>
      )}
      <Panel title="Ours beside the broker's" flush>
        <DataTable
          label="Ours beside the broker's"
          columns={COLUMNS}
          rows={differingFirst}
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
        that trades do not explain, or an order that the bot never sent, closes its market to entries; such a position
        that is seen twice halts the bot.
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
