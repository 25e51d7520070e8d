import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";

interface Props<T> {
  readonly query: UseQueryResult<T>;
  /** Room that is kept while nothing has arrived, so that the page does not jump. */
  readonly height?: number;
  readonly children: (data: T) => ReactNode;
}

/** What an endpoint answered; until then a quiet line, and where it fails the fact and the mend. */
export function Answer<T>({ query, height, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  return (
    <div style={{ minHeight: height }}>
      {query.error ? <ErrorState error={query.error} /> : <p className="loading">Loading</p>}
    </div>
  );
}
