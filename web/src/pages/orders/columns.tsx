import type { Schemas } from "../../api/client";
import type { Column } from "../../components/DataTable";
import { Tag, type Tone } from "../../components/Tag";
import { Time } from "../../components/Time";
import { exact, NOTHING } from "../../format/numbers";

export type Order = Schemas["Order"];

export function toneOfState(state: string): Tone {
  if (state === "filled") return "up";
  if (state === "rejected" || state === "denied") return "down";
  if (state === "unknown") return "warn";
  return state === "canceled" || state === "expired" ? "plain" : "accent";
}

const EXITS: Readonly<Record<string, string>> = { sl: "stop", tp: "target" };

/** Exits that the venue attached to an entry bear its name with an ending; it does not tell their type. */
function typeOf(order: Order): string {
  return order.type?.replaceAll("_", " ") ?? EXITS[order.order_id.split("-").at(-1) ?? ""] ?? NOTHING;
}

export const ORDER_COLUMNS: readonly Column<Order>[] = [
  { title: "Created", cell: (it) => <Time at={it.created} />, sortBy: (it) => it.created ?? "" },
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Side", cell: (it) => <span className={it.side === "buy" ? "up" : it.side === "sell" ? "down" : ""}>{it.side ?? NOTHING}</span> },
  { title: "Type", cell: typeOf },
  { title: "Quantity", cell: (it) => exact(it.quantity), isNumber: true },
  { title: "Price", cell: (it) => exact(it.price ?? it.trigger), isNumber: true },
  { title: "Filled", cell: (it) => (Number(it.filled) === 0 ? NOTHING : exact(it.filled)), isNumber: true },
  { title: "Average", cell: (it) => exact(it.average_price), isNumber: true },
  {
    title: "State",
    cell: (it) => <Tag tone={toneOfState(it.state)}>{it.state.replaceAll("_", " ")}</Tag>,
    sortBy: (it) => it.state,
  },
  { title: "Order", cell: (it) => <code>{it.order_id}</code> },
];
