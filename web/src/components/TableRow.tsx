import { memo } from "react";
import { NOTHING } from "../format/numbers";
import { type Column, contentOf, isNumber, type Places } from "./column";

interface Props<Row> {
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly places: Places;
  readonly isChosen: boolean;
}

function Cells<Row>({ columns, row, places, isChosen }: Props<Row>) {
  return (
    <tr data-chosen={isChosen || undefined}>
      {columns.map((column) => {
        const content = contentOf(column, row, places);
        return (
          <td
            key={column.title}
            data-title={column.title}
            data-number={isNumber(column) || undefined}
            data-wrap={("wrap" in column && column.wrap) || undefined}
            data-empty={content === NOTHING || content === "" || undefined}
          >
            {content}
          </td>
        );
      })}
    </tr>
  );
}

/** A row is drawn again only where it has changed: answers that are asked for anew keep the rows that stay the same. */
export const TableRow = memo(Cells) as typeof Cells;
