import type { Schemas } from "../../api/client";
import { type Column, DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Time } from "../../components/Time";
import { exact, NOTHING } from "../../format/numbers";

type Row = Record<string, unknown>;

function shown(value: unknown) {
  if (typeof value === "number") return exact(value);
  if (typeof value !== "string") return value == null ? NOTHING : String(value);
  return /^\d{4}-\d\d-\d\dT/.test(value) ? <Time at={value} /> : value;
}

function columnOf(name: string, first: Row | undefined): Column<Row> {
  return { title: name.replaceAll("_", " "), cell: (row) => shown(row[name]), isNumber: typeof first?.[name] === "number" };
}

export function TradeTable({ table }: { readonly table: Schemas["Table"] }) {
  const [first] = table.items;
  return (
    <DataTable
      label="Trades of the run"
      columns={table.columns.map((name) => columnOf(name, first))}
      rows={table.items}
      keyOf={(row) => JSON.stringify(row)}
      height={480}
      empty={<Empty title="No trade was closed">Try a longer period, or other parameters.</Empty>}
    />
  );
}
