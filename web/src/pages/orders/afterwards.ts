import type { Schemas } from "../../api/client";
import type { Draft } from "./draft";

type Limit = Schemas["RiskLimit"];

export interface Holdings {
  readonly equity: number | null;
  readonly grossNotional: number;
  /** How many positions there are. */
  readonly count: number;
  readonly position: Schemas["Position"] | undefined;
}

/** Use of a limit once an order has filled whole at a price; `null` where it cannot be told. */
export function usedAfter(limit: Limit, draft: Draft, price: number, { equity, grossNotional, count, position }: Holdings): number | null {
  if (limit.used === null) return null;
  const held = position?.quantity ?? 0;
  const change = Number(draft.quantity) * (draft.side === "buy" ? 1 : -1);
  const after = draft.reduce_only ? Math.sign(held) * Math.max(Math.abs(held) - Math.abs(change), 0) : held + change;
  switch (limit.name) {
    case "max_positions":
      return count + Number(after !== 0) - Number(held !== 0);
    case "max_exposure":
      return equity ? (grossNotional + (Math.abs(after) - Math.abs(held)) * price) / equity : null;
    case "max_daily_trades":
      return draft.reduce_only ? limit.used : limit.used + 1;
    default:
      return limit.used;
  }
}
