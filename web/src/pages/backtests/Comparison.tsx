import type { Schemas } from "../../api/client";
import { useComparison } from "../../api/queries/research";
import { Answer } from "../../components/Answer";
import { Panel } from "../../components/Panel";

interface Props {
  readonly ids: readonly string[];
  readonly runs: readonly Schemas["Backtest"][];
}

/** Runs side by side: what differs between them on top, then what came of it. */
export function Comparison({ ids, runs: known }: Props) {
  const nameOf = (id: string) => {
    const run = known.find((it) => it.id === id);
    return run === undefined ? id.slice(0, 8) : `${run.strategy}, ${run.symbol} ${run.timeframes?.join(" ") ?? ""}`;
  };
  return (
    <Panel title="Comparison" flush>
      <Answer query={useComparison(ids)} height={240}>
        {({ runs, figures, settings }) => (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Comparison of runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">Figure</th>
                  {runs.map((run) => <th key={run} scope="col" data-number>{nameOf(run)}</th>)}
                </tr>
              </thead>
              <tbody>
                {[...settings.filter((row) => row.differs), ...figures].map((row) => (
                  <tr key={row.label}>
                    <td>{row.label}</td>
                    {row.cells.map((cell, index) => <td key={runs[index]} data-number>{cell}</td>)}
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
