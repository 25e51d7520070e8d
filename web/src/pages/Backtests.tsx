import { useState } from "react";
import { useBacktests } from "../api/queries/research";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { BacktestForm } from "./backtests/BacktestForm";
import { backtestColumns } from "./backtests/columns";
import { Comparison } from "./backtests/Comparison";

const MOST = 8;

export function Backtests() {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (id: string) =>
    setChosen((now) => (now.includes(id) ? now.filter((it) => it !== id) : [...now, id].slice(-MOST)));
  return (
    <Page title="Backtest">
      <Panel title="New backtest">
        <BacktestForm />
      </Panel>
      {chosen.length > 1 && <Comparison ids={chosen} />}
      <Panel title="Runs" flush actions={<span className="quiet">Mark two or more to compare them.</span>}>
        <Answer query={useBacktests()} height={320}>
          {({ items }) => (
            <DataTable
              label="Runs"
              columns={backtestColumns(chosen, toggle)}
              rows={items}
              keyOf={(it) => it.id}
              height={560}
              empty={<Empty title="No run yet">Choose a strategy and a market above, and run it.</Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
