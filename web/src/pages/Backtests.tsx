import { useMemo, useState } from "react";
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
  const runs = useBacktests();
  const columns = useMemo(() => backtestColumns(chosen, toggle), [chosen]);
  return (
    <Page title="Backtest">
      <Panel title="New backtest">
        <BacktestForm />
      </Panel>
      {chosen.length > 1 && <Comparison ids={chosen} runs={runs.data?.items ?? []} />}
      <Panel title="Runs" flush actions={<span className="quiet">Mark two or more to compare them.</span>}>
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
    </Page>
  );
}
