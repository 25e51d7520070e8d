import { exact, fixed, percent } from "../../format/numbers";

/** Figures that are fractions; the others are money, counts, days and plain ratios. */
const FRACTIONS = new Set([
  "total_return", "cagr", "buy_and_hold_return", "alpha", "volatility", "value_at_risk", "expected_shortfall",
  "best_period", "worst_period", "max_drawdown", "average_drawdown", "time_under_water", "probability_of_halving",
  "exposure", "win_rate", "average_return", "best_return", "worst_return", "kelly_fraction",
]);

/** A number of a report by its name: percent where it is a fraction, else with the places it deserves. */
export function figureOf(name: string, value: number): string {
  if (FRACTIONS.has(name)) return percent(value);
  return Number.isInteger(value) ? exact(value) : fixed(value);
}
