import { Fragment, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type Column, isNumber, type Places, placesIn } from "./column";
import { TableRow } from "./TableRow";

interface Props<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty: ReactNode;
  readonly height?: number;
  /** What unfolds beneath the row of a key; the rows above it stay where they are. */
  readonly unfolded?: { readonly key: string | null; readonly show: (row: Row) => ReactNode };
  /** Number of the page that the rows are; another one is read from its top. */
  readonly page?: number;
}

interface Order {
  readonly column: number;
  readonly descends: boolean;
}

/** Places of the figures; the same object as long as they are the same, so that rows need not be drawn again. */
function usePlaces<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Places {
  const spelled = JSON.stringify(placesIn(columns, rows));
  return useMemo(() => JSON.parse(spelled) as Places, [spelled]);
}

/** Rows under columns that can be sorted; it scrolls in its own frame, sideways too. On a phone each row is a card of a few lines. */
export function DataTable<Row>({ label, columns, rows, keyOf, empty, height, unfolded, page }: Props<Row>) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    frame.current?.scrollTo({ top: 0 });
  }, [page]);
  const [order, setOrder] = useState<Order | null>(null);
  const places = usePlaces(columns, rows);
  const sorted = useMemo(() => {
    const by = order === null ? undefined : columns[order.column]?.sortBy;
    if (order === null || by === undefined) return rows;
    const way = order.descends ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [left, right] = [by(a), by(b)];
      return left === right ? 0 : left < right ? -way : way;
    });
  }, [rows, columns, order]);
  if (rows.length === 0) return empty;
  const sort = (column: number) =>
    setOrder((now) => ({ column, descends: now?.column === column ? !now.descends : true }));
  return (
    <div className="table-wrap" data-cards ref={frame} style={{ maxHeight: height }} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th
                key={column.title}
                scope="col"
                data-number={isNumber(column) || undefined}
                aria-sort={order?.column === index ? (order.descends ? "descending" : "ascending") : undefined}
              >
                {column.sortBy === undefined ? (
                  column.title
                ) : (
                  <button type="button" onClick={() => sort(index)}>
                    {column.title}
                    {order?.column === index ? (order.descends ? " \u2193" : " \u2191") : ""}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => {
            const key = keyOf(row);
            const isOpen = key === unfolded?.key;
            return (
              <Fragment key={key}>
                <TableRow columns={columns} row={row} places={places} isChosen={isOpen} />
                {isOpen && (
                  <tr className="unfolded">
                    <td colSpan={columns.length}>{unfolded?.show(row)}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
