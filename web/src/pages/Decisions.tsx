import { useMemo, useState } from "react";
import { beside } from "../api/paging";
import { useOrders, useSignals, useVerdicts } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Pager } from "../components/Pager";
import { Panel } from "../components/Panel";
import { Segments } from "../components/Segments";
import { usePages } from "../components/usePages";
import { Page } from "../layout/Page";
import { DecisionDetail } from "./decisions/DecisionDetail";
import { type Decision, decisionColumns, decisionsOf } from "./decisions/decisions";

/** Of an older page: as many as the API gives every order of at once. */
const DECISIONS = 300;
const SHOWN = [["orders", "With an order"], ["taken", "Taken"], ["refused", "Refused"], ["all", "All"]] as const;
type Shown = (typeof SHOWN)[number][0];

function isShown({ outcome }: Decision, shown: Shown): boolean {
  return shown === "all" || (shown === "orders" ? outcome !== "no order" : outcome === shown);
}

/** For each signal why it was taken or refused. */
export function Decisions() {
  const pages = usePages(DECISIONS);
  const signals = useSignals(pages.place);
  const verdicts = useVerdicts(beside(pages.place)).data?.items;
  const orders = useOrders(false, beside(pages.place)).data?.items;
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState<Shown>("orders");
  const [chosen, setChosen] = useState<string | null>(null);
  const columns = useMemo(() => decisionColumns(chosen, setChosen), [chosen]);
  const decisions = useMemo(
    () => decisionsOf(signals.data?.items ?? [], verdicts ?? [], orders ?? []),
    [signals.data, verdicts, orders],
  );
  const decision = decisions.find((it) => it.key === chosen);
  return (
    <Page
      title="Decisions"
      actions={
        <>
          <Segments label="Shown" options={SHOWN} value={shown} onChange={setShown} />
          <input type="search" aria-label="Search decisions" placeholder="Market, rule, reason, order" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </>
      }
    >
      {decision !== undefined && <DecisionDetail decision={decision} />}
      <Panel title="Signals and what became of them" flush>
        <Answer query={signals} height={400}>
          {(page) => (
            <>
              <DataTable
                label="Decisions"
                columns={columns}
                rows={decisions.filter((it) => isShown(it, shown) && it.text.includes(wanted.toLowerCase()))}
                keyOf={(it) => it.key}
                height={680}
                page={pages.number}
                empty={
                  <Empty title="No decision">
                    {wanted || shown !== "orders"
                      ? "None on this page matches; clear the search, turn the page, or show all."
                      : "Each signal of the strategy stands here, taken or refused, with the reason."}
                  </Empty>
                }
              />
              <Pager label="decisions" pages={pages} page={page} isTurning={signals.isPlaceholderData} />
            </>
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
