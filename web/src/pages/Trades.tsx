import { useMemo, useState } from "react";
import { useFills } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Pager } from "../components/Pager";
import { Panel } from "../components/Panel";
import { Segments } from "../components/Segments";
import { Stat } from "../components/Stat";
import { count, fixed, signed, tone } from "../format/numbers";
import { usePages } from "../components/usePages";
import { Page } from "../layout/Page";
import { type Fill, NOTED_FILL_COLUMNS } from "./trades/columns";
import { downloadCsv } from "./trades/downloadCsv";

const SHOWN = [["all", "All"], ["closing", "Closing"], ["noted", "With a note"]] as const;
type Shown = (typeof SHOWN)[number][0];

function isShown(fill: Fill, shown: Shown): boolean {
  if (shown === "closing") return Number(fill.realized) !== 0;
  return shown === "all" || (fill.note ?? "") !== "";
}

const textOf = (it: Fill): string => `${it.symbol} ${it.side} ${it.order_id} ${it.note ?? ""}`.toLowerCase();

function Totals({ fills }: { readonly fills: readonly Fill[] }) {
  const realized = fills.reduce((sum, it) => sum + Number(it.realized), 0);
  const fees = fills.reduce((sum, it) => sum + Number(it.fee), 0);
  return (
    <div className="panel">
      <dl className="stats">
        <Stat label="Trades shown" value={count(fills.length)} />
        <Stat label="Realized, before fees" value={signed(realized)} tone={tone(realized, 2)} />
        <Stat label="Fees" value={fixed(fees)} />
        <Stat label="Realized, after fees" value={signed(realized - fees)} tone={tone(realized - fees, 2)} />
      </dl>
    </div>
  );
}

export function Trades() {
  const pages = usePages();
  const fills = useFills(pages.place);
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState<Shown>("all");
  const matching = useMemo(
    () => (fills.data?.items ?? []).filter((it) => isShown(it, shown) && textOf(it).includes(wanted.toLowerCase())),
    [fills.data, shown, wanted],
  );
  return (
    <Page
      title="Trades"
      actions={
        <>
          <Segments label="Shown" options={SHOWN} value={shown} onChange={setShown} />
          <input type="search" aria-label="Filter trades" placeholder="Market, side, order or note" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          <button type="button" className="button" disabled={matching.length === 0} onClick={() => downloadCsv(matching)}>
            Export CSV
          </button>
        </>
      }
    >
      <Totals fills={matching} />
      <Panel title="Trades" flush>
        <Answer query={fills} height={400}>
          {(page) => (
            <>
              <DataTable
                label="Trades"
                columns={NOTED_FILL_COLUMNS}
                rows={matching}
                keyOf={(it) => `${it.symbol}${it.trade_id}`}
                height={640}
                page={pages.number}
                empty={<Empty title="No trade">{wanted || shown !== "all" ? "None on this page matches; clear the filter, turn the page, or show all." : "A trade appears as soon as the venue reports it."}</Empty>}
              />
              <Pager label="trades" pages={pages} page={page} isTurning={fills.isPlaceholderData} />
            </>
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
