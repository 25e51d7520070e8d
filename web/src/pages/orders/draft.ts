import type { Schemas } from "../../api/client";

/** An order as it stands in the form: figures are text until it is sent. */
export interface Draft {
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly type: "market" | "limit" | "stop";
  readonly quantity: string;
  /** Of a limit order its price, of a stop order its trigger. */
  readonly price: string;
  readonly stop_loss: string;
  readonly take_profit: string;
  readonly reduce_only: boolean;
}

export const EMPTY_DRAFT: Draft = {
  symbol: "", side: "buy", type: "market", quantity: "", price: "", stop_loss: "", take_profit: "", reduce_only: false,
};

const numberOr = (text: string): number | null => (text === "" ? null : Number(text));

export function orderOf(draft: Draft, reason: string): Schemas["PlaceOrder"] {
  const { symbol, side, type, reduce_only } = draft;
  return {
    symbol,
    side,
    type,
    quantity: Number(draft.quantity),
    price: type === "limit" ? numberOr(draft.price) : null,
    trigger: type === "stop" ? numberOr(draft.price) : null,
    stop_loss: reduce_only ? null : numberOr(draft.stop_loss),
    take_profit: reduce_only ? null : numberOr(draft.take_profit),
    reduce_only,
    reason,
  };
}

/** The price it would trade at: its own, else the last one of the market. */
export function priceOf(draft: Draft, last: number | undefined): number | null {
  return (draft.type === "market" ? last : numberOr(draft.price)) ?? null;
}
