import type { Schemas } from "../../api/client";

type Parameter = Schemas["Parameter"];

const FACTORS = [0.4, 0.6, 0.8, 1, 1.25, 1.6, 2];

export const numbersOf = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.filter((it) => it.type === "int" || it.type === "float");

/** Values around the one that was run, within the parameter's bounds. */
export function valuesAround({ type, ge, le }: Parameter, value: number): number[] {
  const around = FACTORS.map((factor) => Math.min(Math.max(value * factor, ge ?? -Infinity), le ?? Infinity));
  const exact = around.map((it) => (type === "int" ? Math.round(it) : Number(it.toPrecision(3))));
  return [...new Set(exact)].sort((a, b) => a - b);
}

/** The run as a request, to be asked again in part. */
export function requestOf(run: Schemas["BacktestDetail"]): Schemas["BacktestRequest"] {
  return {
    symbol: run.symbol,
    strategy: run.strategy,
    start_date: run.start_date,
    end_date: run.end_date,
    timeframes: run.timeframes ?? [],
    tf_roles: {},
    initial_balance: run.initial_balance,
    commission: null,
    params: Object.fromEntries(
      Object.entries(run.params ?? {}).filter(
        (entry): entry is [string, boolean | number | string] =>
          typeof entry[1] === "boolean" || typeof entry[1] === "number" || typeof entry[1] === "string",
      ),
    ),
  };
}
