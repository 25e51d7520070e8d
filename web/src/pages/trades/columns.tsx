import type { Schemas } from "../../api/client";
import type { Column } from "../../components/DataTable";
import { Time } from "../../components/Time";
import { exact, money, NOTHING, signed, tone } from "../../format/numbers";

export type Fill = Schemas["Fill"];

export const FILL_COLUMNS: readonly Column<Fill>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} />, sortBy: (it) => it.time ?? "" },
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Side", cell: (it) => <span className={it.side === "buy" ? "up" : "down"}>{it.side}</span> },
  { title: "Quantity", cell: (it) => exact(it.quantity), sortBy: (it) => Number(it.quantity), isNumber: true },
  { title: "Price", cell: (it) => exact(it.price), isNumber: true },
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
