import type { Schemas } from "../../api/client";

type Order = Schemas["Order"];

const KINDS: Readonly<Record<string, "stop" | "target">> = { sl: "stop", tp: "target" };

/** What an exit that was attached to an entry closes, by its name: that of the entry with an ending. */
export function exitOf(order: Order): { readonly entry: string; readonly kind: "stop" | "target" } | null {
  const [, entry, ending] = /^(.+)-(sl|tp)\d*$/.exec(order.order_id) ?? [];
  const kind = KINDS[ending ?? ""];
  return entry === undefined || kind === undefined ? null : { entry, kind };
}

/** Orders with the side of attached exits, which venues do not tell before they fill: against their entry. */
export function withSides(orders: readonly Order[]): readonly Order[] {
  const sides = new Map(orders.map((it) => [it.order_id, it.side]));
  return orders.map((it) => {
    if (it.side !== null) return it;
    const side = sides.get(exitOf(it)?.entry ?? "");
    return side == null ? it : { ...it, side: side === "buy" ? "sell" : "buy" };
  });
}
