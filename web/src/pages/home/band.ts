import type { Schemas } from "../../api/client";
import type { BandPoint, EquityPoint } from "../../components/EquityChart";

/** Half of the quantile that leaves nineteen of twenty outcomes inside. */
const WIDTH = 1.96;

/** Drift and spread of the logarithm of equity, per second. */
export interface Expectation {
  readonly drift: number;
  readonly variance: number;
}

/** What a backtest's equity did on average, and how far it strayed. */
export function expectationOf({ time, equity }: Schemas["EquityCurve"]): Expectation | null {
  const seconds = time.map((it) => Date.parse(it) / 1000);
  const length = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0);
  const logs = equity.map(Math.log);
  if (length <= 0 || logs.some((it) => !Number.isFinite(it))) return null;
  const drift = ((logs.at(-1) ?? 0) - (logs[0] ?? 0)) / length;
  let squares = 0;
  for (let i = 1; i < logs.length; i++) {
    const passed = (seconds[i] ?? 0) - (seconds[i - 1] ?? 0);
    squares += ((logs[i] ?? 0) - (logs[i - 1] ?? 0) - drift * passed) ** 2;
  }
  return { drift, variance: squares / length };
}

/**
 * Where equity would lie in 19 of 20 cases if it went on as the backtest did: a geometric Brownian motion of the same
 * drift and variance that starts where the record does.
 */
export function bandOf(points: readonly EquityPoint[], { drift, variance }: Expectation): BandPoint[] {
  const [first] = points;
  if (first === undefined) return [];
  const begin = Date.parse(first.time);
  return points.map(({ time }) => {
    const passed = (Date.parse(time) - begin) / 1000;
    const middle = drift * passed;
    const reach = WIDTH * Math.sqrt(variance * passed);
    return { time, low: first.equity * Math.exp(middle - reach), high: first.equity * Math.exp(middle + reach) };
  });
}
