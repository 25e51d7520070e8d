import { count } from "../format/numbers";
import { LONGEST_PAGE } from "../api/paging";

interface Props {
  readonly page: { readonly items: readonly unknown[]; readonly next: string | null };
  readonly limit: number;
  readonly onMore: (limit: number) => void;
}

/** Says that a record goes further back, and shows more of it. */
export function Older({ page, limit, onMore }: Props) {
  if (page.next === null) return null;
  return (
    <p className="older">
      {limit < LONGEST_PAGE ? (
        <button type="button" className="button" data-kind="quiet" onClick={() => onMore(LONGEST_PAGE)}>
          Show older ones
        </button>
      ) : (
        <>The newest {count(page.items.length)} are shown; the API tells the others.</>
      )}
    </p>
  );
}
