import { useState } from "react";
import { useOrders, useSignals, useVerdicts } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { DECISION_COLUMNS, decisionsOf, hasOrder } from "./decisions/decisions";

/** For each signal why it was taken or refused. */
export function Decisions() {
  const signals = useSignals();
  const verdicts = useVerdicts().data?.items ?? [];
  const orders = useOrders().data?.items ?? [];
  const [wanted, setWanted] = useState("");
  const [showsAll, setShowsAll] = useState(false);
  const search = (
    <>
    <label className="check">
      <input type="checkbox" checked={showsAll} onChange={(event) => setShowsAll(event.target.checked)} />
      Those without an order too
    </label>
    <input type="search" aria-label="Search decisions" placeholder="Market, rule, reason, order" value={wanted} onChange={(event) => setWanted(event.target.value)} />
    </>
  );
  return (
    <Page title="Decisions" actions={search}>
      <Panel title="Signals and what became of them" flush>
        <Answer query={signals} height={400}>
          {({ items }) => (
            <DataTable
              label="Decisions"
              columns={DECISION_COLUMNS}
              rows={decisionsOf(items, verdicts, orders).filter(
                (it) => (showsAll || hasOrder(it)) && it.text.includes(wanted.toLowerCase()),
              )}
              keyOf={(it) => it.key}
              height={680}
              empty={<Empty title="No decision">{wanted ? "None matches; clear the search." : "Each signal of the strategy stands here, taken or refused, with the reason."}</Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
