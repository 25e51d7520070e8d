import { useState } from "react";
import { useFills } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { FILL_COLUMNS, type Fill } from "./trades/columns";
import { downloadCsv } from "./trades/downloadCsv";

export function Trades() {
  const fills = useFills();
  const [wanted, setWanted] = useState("");
  const matching = (fills.data?.items ?? []).filter((it: Fill) =>
    `${it.symbol} ${it.side} ${it.order_id}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <Page
      title="Trades"
      actions={
        <>
          <input type="search" aria-label="Filter trades" placeholder="Market, side or order" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          <button type="button" className="button" disabled={matching.length === 0} onClick={() => downloadCsv(matching)}>
            Export CSV
          </button>
        </>
      }
    >
      <Panel title={`Fills (${matching.length})`} flush>
        <Answer query={fills} height={400}>
          {() => (
            <DataTable
              label="Trades"
              columns={FILL_COLUMNS}
              rows={matching}
              keyOf={(it) => `${it.symbol}${it.trade_id}`}
              height={680}
              empty={<Empty title="No trade">{wanted ? "None matches; clear the filter." : "A trade appears as soon as the venue reports it."}</Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
