import { useState } from "react";
import { LONGEST_PAGE, NEWEST, type Place } from "../api/paging";

/** The pages of a record that were turned so far; the last of them is shown. */
export interface Pages {
  readonly place: Place;
  /** 1 for the newest. */
  readonly number: number;
  readonly older: (cursor: string) => void;
  readonly newer: () => void;
  readonly newest: () => void;
  /** Go to a page of which the cursor is known; `null` is the newest. */
  readonly turnTo: (cursor: string | null) => void;
}

/** Older pages stand still, so they may be longer than the newest: as long as the API gives them, unless told. */
export function usePages(limit = LONGEST_PAGE): Pages {
  const [turned, setTurned] = useState<readonly Place[]>([]);
  return {
    place: turned.at(-1) ?? NEWEST,
    number: turned.length + 1,
    older: (cursor) => setTurned((now) => [...now, { cursor, limit }]),
    newer: () => setTurned((now) => now.slice(0, -1)),
    newest: () => setTurned([]),
    turnTo: (cursor) => setTurned(cursor === null ? [] : [{ cursor, limit }]),
  };
}
