import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { exact } from "../../format/numbers";

type Backtest = Schemas["Backtest"];

export interface CurvePoint {
  readonly time: string;
  /** Equity as a multiple of the first balance. */
  readonly growth: number;
  /** Below the peak so far, a fraction of it, 0 or negative. */
  readonly drawdown: number;
}

/** What a run earned over its time, on the axis that all runs share: growth of 1. */
export interface RunCurve {
  readonly id: string;
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

export function curveOf(run: Backtest, name: string, { time, equity, drawdown }: Schemas["EquityCurve"]): RunCurve {
  const first = run.initial_balance;
  const points = time.map((at, index) => ({
    time: at,
    growth: (equity[index] ?? first) / first,
    drawdown: drawdown[index] ?? 0,
  }));
  return { id: run.id, name, points };
}

/** How a run stood at an instant: the last point that is not after it, and nothing before its first. */
export function pointAt({ points }: RunCurve, ms: number): CurvePoint | undefined {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Date.parse(points[middle]?.time ?? "") <= ms) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}

const shown = (value: unknown): string => (typeof value === "number" ? exact(value) : String(value));

const dayOf = (instant: string | null, open: string): string => instant?.slice(0, 10) ?? open;

const isUnlike = (all: readonly string[]): boolean => new Set(all).size > 1;

/** What a run is, from the broadest trait to the narrowest. */
function traitsOf(run: Backtest, all: readonly Backtest[]): string[] {
  const market = ({ symbol, timeframes = [] }: Backtest) => [symbol, ...timeframes].join(" ");
  const alike = all.filter(({ strategy }) => strategy === run.strategy);
  const params = Object.entries(run.params ?? {}).filter(([name]) => isUnlike(alike.map((it) => shown(it.params?.[name]))));
  return [
    ...(isUnlike(all.map(({ strategy }) => strategy)) ? [run.strategy] : []),
    ...(isUnlike(all.map(market)) ? [market(run)] : []),
    ...params.map(([name, value]) => `${name} ${shown(value)}`),
  ];
}

/** Each run by what tells it from the others: its strategy, its market, its parameters, else its days, else its id. */
export function namesOf(runs: readonly Backtest[]): string[] {
  const further = [
    (run: Backtest) => `${dayOf(run.start_date, "first")} to ${dayOf(run.end_date, "last")}`,
    (run: Backtest) => run.id.slice(0, 8),
  ];
  let names = runs.map((run) => traitsOf(run, runs).join(", "));
  for (const more of further) {
    const before = names;
    const isShared = (name: string) => name === "" || before.filter((it) => it === name).length > 1;
    names = before.map((name, index) => {
      const run = runs[index];
      return run !== undefined && isShared(name) ? [name, more(run)].filter((it) => it !== "").join(", ") : name;
    });
  }
  return names;
}

const HUES = ["series-1", "series-2", "series-3", "series-4"] as const;

/** Four colours, each drawn through and then in dashes: no two of eight rest on colour alone. */
export function strokeOf(index: number, colours: Palette): { readonly colour: string; readonly isDashed: boolean } {
  const hue = HUES[index % HUES.length] ?? HUES[0];
  return { colour: colours[hue], isDashed: index >= HUES.length };
}
