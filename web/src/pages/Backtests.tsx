import { useMemo, useState } from "react";
import type { Schemas } from "../api/client";
import { useBacktests } from "../api/queries/research";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { BacktestForm } from "./backtests/BacktestForm";
import { backtestColumns } from "./backtests/columns";
import { Comparison } from "./backtests/Comparison";

type Backtest = Schemas["Backtest"];

const MOST = 8;

export function Backtests() {
  // The runs themselves: one that is done stays as it is, while the list is asked for anew.
  const [chosen, setChosen] = useState<readonly Backtest[]>([]);
  const toggle = (run: Backtest) =>
    setChosen((now) => (now.some(({ id }) => id === run.id) ? now.filter(({ id }) => id !== run.id) : [...now, run].slice(-MOST)));
  const runs = useBacktests();
  const columns = useMemo(() => backtestColumns(chosen, toggle), [chosen]);
  return (
    <Page title="Backtest">
      <Panel title="New backtest">
        <BacktestForm />
      </Panel>
      <Panel title="Runs" flush actions={chosen.length > 1 ? <a href="#comparison">Compare {chosen.length} below</a> : <span className="quiet">Mark two or more to compare them.</span>}>
        <Answer query={runs} height={320}>
          {({ items }) => (
            <DataTable
              label="Runs"
              columns={columns}
              rows={items}
              keyOf={(it) => it.id}
              height={560}
              empty={<Empty title="No run yet">Choose a strategy and a market above, and run it.</Empty>}
            />
          )}
        </Answer>
      </Panel>
      {chosen.length > 1 && (
        <div id="comparison" className="anchor">
          <Comparison runs={chosen} />
        </div>
      )}
    </Page>
  );
}
