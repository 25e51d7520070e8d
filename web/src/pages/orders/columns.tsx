import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { Tag, type Tone } from "../../components/Tag";
import { Time } from "../../components/Time";
import { NOTHING } from "../../format/numbers";
import { CancelOrder } from "./CancelOrder";

export type Order = Schemas["Order"];

export function toneOfState(state: string): Tone {
  if (state === "filled") return "up";
  if (state === "rejected" || state === "denied") return "down";
  if (state === "unknown") return "warn";
  return state === "canceled" || state === "expired" ? "plain" : "accent";
}

const ENDED: ReadonlySet<string> = new Set(["filled", "canceled", "rejected", "denied", "expired"]);

const EXITS: Readonly<Record<string, string>> = { stop_loss: "stop", take_profit: "target", trailing_stop: "trailing stop" };

/** What it is to the position, else how it is carried out. */
const typeOf = ({ tag, type }: Order): string => EXITS[tag] ?? type?.replaceAll("_", " ") ?? NOTHING;

/** Taking it back would leave a position without a stop: the position is closed instead. */
const protects = ({ tag }: Order): boolean => tag === "stop_loss" || tag === "trailing_stop";

const marketOf = (it: Order): string => it.symbol;

const SENT: Column<Order> = { title: "Sent", cell: (it) => <Time at={it.created} />, sortBy: (it) => it.created ?? "" };

const TERMS: readonly Column<Order>[] = [
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Side", cell: (it) => <span className={it.side === "buy" ? "up" : it.side === "sell" ? "down" : ""}>{it.side ?? NOTHING}</span> },
  { title: "Type", cell: typeOf },
  { title: "Quantity", figure: (it) => it.quantity, marketOf, sortBy: (it) => Number(it.quantity) },
  { title: "Price", figure: (it) => it.price ?? it.trigger, marketOf },
  { title: "Filled", figure: (it) => (Number(it.filled) === 0 ? null : it.filled), marketOf },
  { title: "Average", figure: (it) => it.average_price, marketOf },
  {
    title: "State",
    cell: (it) => <Tag tone={toneOfState(it.state)}>{it.state.replaceAll("_", " ")}</Tag>,
    sortBy: (it) => it.state,
  },
];

const BY_HAND: Column<Order> = {
  title: "By hand",
  cell: (it) => (ENDED.has(it.state) || protects(it) ? NOTHING : <CancelOrder order={it} />),
  isNumber: true,
};

/** Columns of the working orders. */
export const WORKING_COLUMNS: readonly Column<Order>[] = [
  SENT,
  ...TERMS,
  { title: "Order", cell: (it) => <code>{it.order_id}</code> },
  BY_HAND,
];

/** Columns of all orders, the chosen one's name pressed. */
export function orderColumns(chosen: string | null, choose: (orderId: string | null) => void): readonly Column<Order>[] {
  return [
    {
      title: "Order",
      cell: (it) => (
        <button
          type="button"
          className="button mono"
          data-kind="link"
          aria-expanded={it.order_id === chosen}
          onClick={() => choose(it.order_id === chosen ? null : it.order_id)}
        >
          {it.order_id}
        </button>
      ),
    },
    SENT,
    ...TERMS,
    BY_HAND,
  ];
}
