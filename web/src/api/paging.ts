/** Where a page of a record begins, and how many rows it has: the newest come first. */
export interface Place {
  /** The word that the page before told; none for the newest page, which follows what happens. */
  readonly cursor: string | null;
  readonly limit: number;
}

export const LONGEST_PAGE = 1000;
export const NEWEST: Place = { cursor: null, limit: 200 };

/** Entries of the record that a decision spreads over: what is asked for beside a signal is a little younger. */
const SPREAD = 100;
/** Reviews and orders that come of a signal: an entry, its stop, its target. */
const EACH = 3;

/** Where the reviews and the orders of a page of signals lie: their cursors count the same entries of the record. */
export const beside = ({ cursor, limit }: Place): Place => ({
  cursor: cursor === null ? null : String(Number(cursor) + SPREAD),
  limit: Math.min(limit * EACH, LONGEST_PAGE),
});
