import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Time } from "../../components/Time";
import { money, NOTHING, tone } from "../../format/numbers";

type Row = Record<string, unknown>;

const TITLES: Readonly<Record<string, string>> = { symbol: "Market", entry_ts: "Entry", exit_ts: "Exit", pnl: "P&L" };
// Numbers of rows, for programs.
const LEFT_OUT = /_(index|order)$/;
const MONEY = new Set(["pnl", "fees"]);
const INSTANT = /^\d{4}-\d\d-\d\dT/;

const titleOf = (name: string): string => TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

const marketOf = (row: Row): string => String(row["symbol"] ?? "");

const numberIn = (row: Row, name: string): number | null => (typeof row[name] === "number" ? row[name] : null);

function shown(value: unknown) {
  if (typeof value !== "string") return value == null ? NOTHING : String(value);
  return INSTANT.test(value) ? <Time at={value} /> : value;
}

function columnOf(name: string, first: Row | undefined): Column<Row> {
  const title = titleOf(name);
  if (typeof first?.[name] !== "number") return { title, cell: (row) => shown(row[name]), sortBy: (row) => String(row[name]) };
  const sortBy = (row: Row) => numberIn(row, name) ?? 0;
  if (!MONEY.has(name)) return { title, figure: (row) => numberIn(row, name), marketOf, sortBy };
  const colour = (row: Row) => (name === "pnl" ? tone(numberIn(row, name), 2) : "");
  return { title, cell: (row) => <span className={colour(row)}>{money(numberIn(row, name))}</span>, isNumber: true, sortBy };
}

export function TradeTable({ table }: { readonly table: Schemas["Table"] }) {
  const [first] = table.items;
  const columns = useMemo(
    () => table.columns.filter((name) => !LEFT_OUT.test(name)).map((name) => columnOf(name, first)),
    [table.columns, first],
  );
  return (
    <DataTable
      label="Trades of the run"
      columns={columns}
      rows={table.items}
      keyOf={(row) => JSON.stringify(row)}
      height={480}
      empty={<Empty title="No trade was closed">Try a longer period, or other parameters.</Empty>}
    />
  );
}
