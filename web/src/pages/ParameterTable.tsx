import type { Schemas } from "../api/client";
import type { Column } from "../components/column";
import { DataTable } from "../components/DataTable";
import { NOTHING } from "../format/numbers";

function bounds(it: Schemas["Parameter"]): string {
  if (it.choices !== null) return it.choices.join(", ");
  return it.ge === null && it.le === null ? NOTHING : `${it.ge ?? ""} … ${it.le ?? ""}`;
}

const COLUMNS: readonly Column<Schemas["Parameter"]>[] = [
  { title: "Parameter", cell: (it) => <code>{it.name}</code> },
  { title: "Type", cell: (it) => it.type },
  { title: "Default", cell: (it) => String(it.default), isNumber: true },
  { title: "Bounds", cell: bounds, isNumber: true },
  { title: "Meaning", cell: (it) => it.doc, wrap: true },
];

export function ParameterTable({ strategy }: { readonly strategy: Schemas["Strategy"] }) {
  return (
    <DataTable
      label={`Parameters of ${strategy.name}`}
      columns={COLUMNS}
      rows={strategy.params}
      keyOf={(it) => it.name}
      empty={<p className="quiet">It has no parameter.</p>}
    />
  );
}
