import { useMemo, useState } from "react";
import { beside } from "../api/paging";
import { useOrders, useSignalPlace, useSignals, useVerdicts } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { ErrorState } from "../components/ErrorState";
import { MomentField } from "../components/MomentField";
import { Empty } from "../components/Empty";
import { Pager } from "../components/Pager";
import { Panel } from "../components/Panel";
import { Segments } from "../components/Segments";
import { usePages } from "../components/usePages";
import { clockOf, dateOf } from "../format/times";
import { Page } from "../layout/Page";
import { DecisionDetail } from "./decisions/DecisionDetail";
import { useSettings } from "../settings/settings";
import { type Decision, decisionColumns, decisionsOf } from "./decisions/decisions";

/** Of an older page: as many as the API gives every order of at once. */
const DECISIONS = 300;
const SHOWN = [["orders", "With an order"], ["taken", "Taken"], ["refused", "Refused"], ["all", "All"]] as const;
type Shown = (typeof SHOWN)[number][0];

function isShown({ outcome }: Decision, shown: Shown): boolean {
  return shown === "all" || (shown === "orders" ? outcome !== "no order" : outcome === shown);
}

const detailOf = (decision: Decision) => <DecisionDetail decision={decision} />;

/** For each signal why it was taken or refused. */
export function Decisions() {
  const pages = usePages(DECISIONS);
  const signals = useSignals(pages.place);
  const verdicts = useVerdicts(beside(pages.place)).data?.items;
  const orders = useOrders(false, beside(pages.place)).data?.items;
  const find = useSignalPlace();
  const { zone } = useSettings();
  const [upTo, setUpTo] = useState("");
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState<Shown>("orders");
  const [chosen, setChosen] = useState<string | null>(null);
  const columns = useMemo(() => decisionColumns(chosen, setChosen), [chosen]);
  const decisions = useMemo(
    () => decisionsOf(signals.data?.items ?? [], verdicts ?? [], orders ?? []),
    [signals.data, verdicts, orders],
  );
  const matching = useMemo(
    () => decisions.filter((it) => isShown(it, shown) && `${dateOf(it.signal.time, zone)} ${clockOf(it.signal.time, zone)} ${it.text}`.includes(wanted.toLowerCase())),
    [decisions, shown, wanted, zone],
  );
  const turnTo = (written: string, moment: string | null) => {
    setUpTo(written);
    if (moment === null) return pages.newest();
    // Why nothing was done is told by the signals without an order too.
    setShown("all");
    find.mutate(moment, { onSuccess: ({ cursor }) => pages.turnTo(cursor) });
  };
  return (
    <Page
      title="Decisions"
      actions={
        <>
          <Segments label="Shown" options={SHOWN} value={shown} onChange={setShown} />
          <MomentField label="Up to" value={upTo} onChange={turnTo} />
          <input type="search" aria-label="Search decisions" placeholder="Market, time, rule, reason, order" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </>
      }
    >
      {find.error !== null && <ErrorState error={find.error} />}
      <Panel title="Signals and what became of them" flush>
        <Answer query={signals} height={400}>
          {(page) => (
            <>
              <DataTable
                label="Decisions"
                columns={columns}
                rows={matching}
                keyOf={(it) => it.key}
                height={680}
                unfolded={{ key: chosen, show: detailOf }}
                page={pages.number}
                empty={
                  <Empty title="No decision">
                    {wanted || shown !== "orders"
                      ? "None on this page matches; clear the search, turn the page, or show all."
                      : "Each signal of the strategy stands here, taken or refused, with the reason."}
                  </Empty>
                }
              />
              <Pager label="decisions" pages={{ ...pages, newest: () => turnTo("", null) }} page={page} isTurning={signals.isPlaceholderData} />
            </>
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
