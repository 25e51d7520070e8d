import type { ReactNode } from "react";
import { exact, type Figure, fixed, NOTHING, placesOf } from "../format/numbers";

interface Titled<Row> {
  readonly title: string;
  readonly sortBy?: (row: Row) => number | string;
}

/** A column that says itself how a row is shown in it. */
export interface CellColumn<Row> extends Titled<Row> {
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
  readonly wrap?: boolean;
}

/** A column of prices or quantities, all of a market with as many places as one of them needs: points stand in line. */
export interface FigureColumn<Row> extends Titled<Row> {
  readonly figure: (row: Row) => Figure;
  readonly marketOf: (row: Row) => string;
}

export type Column<Row> = CellColumn<Row> | FigureColumn<Row>;

/** Places of the figures in each column, by the column's title and the market. */
export type Places = Readonly<Record<string, number>>;

const keyOf = (title: string, market: string): string => `${title} ${market}`;

export function placesIn<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Places {
  const places: Record<string, number> = {};
  for (const column of columns) {
    if (!("figure" in column)) continue;
    for (const row of rows) {
      const key = keyOf(column.title, column.marketOf(row));
      places[key] = placesOf([column.figure(row)], places[key]);
    }
  }
  return places;
}

export const isNumber = <Row>(column: Column<Row>): boolean => "figure" in column || column.isNumber === true;

export function contentOf<Row>(column: Column<Row>, row: Row, places: Places): ReactNode {
  if (!("figure" in column)) return column.cell(row);
  const figure = column.figure(row);
  return exact(figure) === NOTHING ? NOTHING : fixed(figure, places[keyOf(column.title, column.marketOf(row))]);
}
