import { useState } from "react";
import type { Schemas } from "../api/client";
import { useData } from "../api/queries/research";
import { Answer } from "../components/Answer";
import type { Column } from "../components/column";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { count, fixed } from "../format/numbers";
import { Page } from "../layout/Page";
import { CoverageCalendar } from "./data/CoverageCalendar";
import { Gaps } from "./data/Gaps";
import { ImportFile } from "./data/ImportFile";

type Series = Schemas["Series"];

const COLUMNS: readonly Column<Series>[] = [
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Venue", cell: (it) => it.venue, sortBy: (it) => it.venue },
  { title: "Kind", cell: (it) => it.kind },
  { title: "Interval", cell: (it) => it.interval },
  { title: "From", cell: (it) => <Time at={it.first} />, sortBy: (it) => it.first ?? "" },
  { title: "To", cell: (it) => <Time at={it.last} />, sortBy: (it) => it.last ?? "" },
  { title: "Rows", cell: (it) => count(it.rows), sortBy: (it) => it.rows, isNumber: true },
  { title: "MB", cell: (it) => fixed(it.size_bytes / 1e6), sortBy: (it) => it.size_bytes, isNumber: true },
];

const nameOf = ({ symbol, interval }: Series): string => `${symbol} ${interval}`;

export function Data() {
  const data = useData();
  const bars = (data.data?.series ?? []).filter((it) => it.kind === "bars");
  const [chosen, setChosen] = useState("");
  const [isImporting, setIsImporting] = useState(false);
  const shown = bars.find((it) => nameOf(it) === chosen) ?? bars[0];
  return (
    <Page
      title="Data"
      actions={
        <>
          {shown && (
            <select aria-label="Series" className="narrow" value={nameOf(shown)} onChange={(event) => setChosen(event.target.value)}>
              {bars.map((it) => (
                <option key={nameOf(it)}>{nameOf(it)}</option>
              ))}
            </select>
          )}
          {!isImporting && (
            <button type="button" className="button" onClick={() => setIsImporting(true)}>
              Import a file
            </button>
          )}
        </>
      }
    >
      {isImporting && <ImportFile onClose={() => setIsImporting(false)} />}
      {shown && <CoverageCalendar symbol={shown.symbol} interval={shown.interval} />}
      {shown && <Gaps symbol={shown.symbol} interval={shown.interval} />}
      <Panel title="Kept series" flush>
        <Answer query={data} height={300}>
          {({ series }) => (
            <DataTable
              label="Kept series"
              columns={COLUMNS}
              rows={series}
              keyOf={(it) => `${it.venue}${it.symbol}${it.kind}${it.interval}`}
              height={680}
              empty={
                <Empty title="Nothing is kept yet">
                  Import a file, above; <code>tradebot data download</code> fetches bars from a provider. The built-in market MOCKUSDT can be backtested without either.
                </Empty>
              }
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
