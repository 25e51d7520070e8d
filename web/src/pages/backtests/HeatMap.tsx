import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useAskGrid, useGrid, useStrategies } from "../../api/queries/research";
import { useSession } from "../../api/queries/system";
import { ErrorState } from "../../components/ErrorState";
import { Panel } from "../../components/Panel";
import { count, fixed, percent, signedPercent } from "../../format/numbers";
import { numbersOf, requestOf, valuesAround } from "./axes";
import { HeatTable } from "./HeatTable";

const FIGURES = {
  total_return: ["Return", (value: number) => signedPercent(value, 1)],
  sharpe_ratio: ["Sharpe ratio", (value: number) => fixed(value)],
  max_drawdown: ["Drawdown", (value: number) => percent(value, 1)],
  total_trades: ["Trades", count],
} as const;
type Figure = keyof typeof FIGURES;
const NAMES: readonly Figure[] = ["total_return", "sharpe_ratio", "max_drawdown", "total_trades"];

/** The run again for values of two parameters around its own: a plateau can be believed, a peak cannot. */
export function HeatMap({ run }: { readonly run: Schemas["BacktestDetail"] }) {
  const parameters = numbersOf(useStrategies().data?.strategies.find((it) => it.name === run.strategy)?.params ?? []);
  const isViewer = useSession().data?.role === "viewer";
  const ask = useAskGrid();
  const grid = useGrid(ask.data?.id ?? "").data;
  const [figure, setFigure] = useState<Figure>("total_return");
  const [names, setNames] = useState<readonly [string, string]>(["", ""]);
  const across = parameters.find((it) => it.name === names[0]) ?? parameters[0];
  const down = parameters.find((it) => it.name === names[1] && it !== across) ?? parameters.find((it) => it !== across);
  if (across === undefined || down === undefined) return null;
  const axis = (it: Schemas["Parameter"]) => ({
    name: it.name,
    values: valuesAround(it, Number(run.params?.[it.name] ?? it.default)),
  });
  const select = (label: string, value: string, choose: (name: string) => void) => (
    <select aria-label={label} className="narrow" value={value} onChange={(event) => choose(event.target.value)}>
      {parameters.map((it) => (
        <option key={it.name}>{it.name}</option>
      ))}
    </select>
  );
  const compute = () => {
    const { params, ...request } = requestOf(run);
    const others = Object.entries(params ?? {}).filter(([name]) => name !== across.name && name !== down.name);
    ask.mutate({ ...request, params: Object.fromEntries(others), x: axis(across), y: axis(down) });
  };
  const isBusy = ask.isPending || grid?.state === "queued" || grid?.state === "running";
  return (
    <Panel
      title="Parameter heat map"
      flush
      actions={
        <div className="row">
          {select("Across", across.name, (name) => setNames([name, down.name]))}
          {select("Down", down.name, (name) => setNames([across.name, name]))}
          <select aria-label="Figure" className="narrow" value={figure} onChange={(event) => setFigure(NAMES.find((it) => it === event.target.value) ?? "total_return")}>
            {NAMES.map((it) => (
              <option key={it} value={it}>
                {FIGURES[it][0]}
              </option>
            ))}
          </select>
          <button type="button" className="button" disabled={isBusy || isViewer} onClick={compute}>
            {isBusy ? `Running ${percent(grid?.progress ?? 0, 0)}` : "Compute"}
          </button>
        </div>
      }
    >
      {ask.error !== null && <ErrorState error={ask.error} />}
      {grid?.error && <p className="notice" data-tone="down" role="alert">{grid.error}</p>}
      {grid?.state === "done" ? (
        <HeatTable grid={grid} figure={figure} show={FIGURES[figure][1]} run={run} />
      ) : (
        <p className="empty">A wide plateau around the chosen values can be believed; a lone peak is luck.</p>
      )}
    </Panel>
  );
}
