import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Time } from "../../components/Time";
import { exact, money, NOTHING } from "../../format/numbers";

type Row = Record<string, unknown>;

function shown(value: unknown) {
  if (typeof value === "number") return exact(value);
  if (typeof value !== "string") return value == null ? NOTHING : String(value);
  return /^\d{4}-\d\d-\d\dT/.test(value) ? <Time at={value} /> : value;
}

const TITLES: Readonly<Record<string, string>> = { entry_ts: "entry", exit_ts: "exit", pnl: "P&L" };
// Numbers of rows, for programs.
const LEFT_OUT = /_(index|order)$/;
const MONEY = new Set(["pnl", "fees"]);

function columnOf(name: string, first: Row | undefined): Column<Row> {
  return {
    title: TITLES[name] ?? name.replaceAll("_", " "),
    cell: (row) => (MONEY.has(name) ? money(Number(row[name])) : shown(row[name])),
    isNumber: typeof first?.[name] === "number",
  };
}

export function TradeTable({ table }: { readonly table: Schemas["Table"] }) {
  const [first] = table.items;
  return (
    <DataTable
      label="Trades of the run"
      columns={table.columns.filter((name) => !LEFT_OUT.test(name)).map((name) => columnOf(name, first))}
      rows={table.items}
      keyOf={(row) => JSON.stringify(row)}
      height={480}
      empty={<Empty title="No trade was closed">Try a longer period, or other parameters.</Empty>}
    />
  );
}
