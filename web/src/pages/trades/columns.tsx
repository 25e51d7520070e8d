import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { Time } from "../../components/Time";
import { money, NOTHING, signed, tone } from "../../format/numbers";
import { TradeNote } from "./TradeNote";

export type Fill = Schemas["Fill"];

const marketOf = (it: Fill): string => it.symbol;

export const FILL_COLUMNS: readonly Column<Fill>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} />, sortBy: (it) => it.time ?? "" },
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Side", cell: (it) => <span className={it.side === "buy" ? "up" : "down"}>{it.side}</span> },
  { title: "Quantity", figure: (it) => it.quantity, marketOf, sortBy: (it) => Number(it.quantity) },
  { title: "Price", figure: (it) => it.price, marketOf, sortBy: (it) => Number(it.price) },
  { title: "Fee", cell: (it) => money(it.fee), sortBy: (it) => Number(it.fee), isNumber: true },
  {
    title: "Realized",
    cell: (it) => (Number(it.realized) === 0 ? NOTHING : <span className={tone(it.realized)}>{signed(it.realized)}</span>),
    sortBy: (it) => Number(it.realized),
    isNumber: true,
  },
];

/** What of it fits half a page. */
export const LATEST_FILL_COLUMNS = FILL_COLUMNS.filter((it) => it.title !== "Fee");

/** With what an operator wrote. */
export const NOTED_FILL_COLUMNS: readonly Column<Fill>[] = [
  ...FILL_COLUMNS,
  { title: "Order", cell: (it) => <code>{it.order_id}</code>, sortBy: (it) => it.order_id },
  { title: "Note", cell: (it) => <TradeNote fill={it} />, sortBy: (it) => it.note ?? "", wrap: true },
];
