import { memo } from "react";
import { type Column, contentOf, isNumber, type Places } from "./column";

interface Props<Row> {
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly places: Places;
}

function Cells<Row>({ columns, row, places }: Props<Row>) {
  return (
    <tr>
      {columns.map((column) => (
        <td
          key={column.title}
          data-number={isNumber(column) || undefined}
          data-wrap={("wrap" in column && column.wrap) || undefined}
        >
          {contentOf(column, row, places)}
        </td>
      ))}
    </tr>
  );
}

/** A row is drawn again only where it has changed: answers that are asked for anew keep the rows that stay the same. */
export const TableRow = memo(Cells) as typeof Cells;
