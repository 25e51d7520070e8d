import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import { useComparison } from "../../api/queries/research";
import { Answer } from "../../components/Answer";
import { Panel } from "../../components/Panel";
import { namesOf } from "./curves";
import { RunCurves } from "./RunCurves";

/** Runs side by side: their curves, what came of them, then what differs between them. */
export function Comparison({ runs }: { readonly runs: readonly Schemas["Backtest"][] }) {
  const names = useMemo(() => namesOf(runs), [runs]);
  const comparison = useComparison(runs.map((run) => run.id));
  return (
    <Panel title="Comparison" flush>
      <RunCurves runs={runs} names={names} />
      <Answer query={comparison} height={240}>
        {({ runs: compared, figures, settings }) => (
          <div className="table-wrap" data-pinned tabIndex={0} role="region" aria-label="Comparison of runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">Figure</th>
                  {compared.map((run, index) => <th key={run} scope="col" data-number>{names[index]}</th>)}
                </tr>
              </thead>
              <tbody>
                {[...figures, ...settings.filter((row) => row.differs)].map((row) => (
                  <tr key={row.label}>
                    <td>{row.label}</td>
                    {row.cells.map((cell, index) => <td key={compared[index]} data-number>{cell}</td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answer>
    </Panel>
  );
}
