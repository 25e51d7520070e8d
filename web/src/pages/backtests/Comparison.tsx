import { useComparison } from "../../api/queries/research";
import { Answer } from "../../components/Answer";
import { Panel } from "../../components/Panel";

export function Comparison({ ids }: { readonly ids: readonly string[] }) {
  return (
    <Panel title="Comparison" flush>
      <Answer query={useComparison(ids)} height={240}>
        {({ runs, figures, settings }) => (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Comparison of runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">Figure</th>
                  {runs.map((run) => <th key={run} scope="col" data-number>{run.slice(0, 8)}</th>)}
                </tr>
              </thead>
              <tbody>
                {[...figures, ...settings.filter((row) => row.differs)].map((row) => (
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
