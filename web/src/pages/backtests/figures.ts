import type { Schemas } from "../../api/client";
import { count, exact, fixed, money, NOTHING, percent } from "../../format/numbers";

type Definition = Schemas["FigureDefinition"];

const SHOWN: Record<Definition["unit"], (value: number) => string> = {
  percent,
  money,
  ratio: (value) => fixed(value),
  count,
  bars: (value) => (Number.isInteger(value) ? count(value) : fixed(value, 1)),
  days: (value) => `${fixed(value, 1)} d`,
  hours: (value) => `${fixed(value, 1)} h`,
};

/** A figure of a report in its unit. */
export const figureOf = ({ unit }: Definition, value: unknown): string => (typeof value === "number" ? SHOWN[unit](value) : NOTHING);

export const meaningOf = ({ definition, source }: Definition): string => (source === "" ? definition : `${definition} (${source})`);

/** How fills were simulated, in words. */
const ASSUMED: Readonly<Record<string, string>> = {
  fill: "Fill", path: "Path in a bar", touch: "Limit orders fill when touched", participation: "Most of a bar's volume",
  slippage: "Slippage", leverage: "Leverage", fees: "Fees", form: "Strategy form", costless: "Without costs",
  magnified: "Finer bars", notes: "Notes",
};

export const assumptionOf = (name: string): string => ASSUMED[name] ?? name.replaceAll("_", " ");

export function assumedOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return exact(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join("; ");
  return value === null || value === undefined || value === "" ? "none" : String(value).replaceAll("_", " ");
}
