import { count } from "../format/numbers";
import type { Pages } from "./usePages";

interface Props {
  readonly label: string;
  readonly pages: Pages;
  readonly page: { readonly items: readonly unknown[]; readonly next: string | null };
  /** Whether the rows that are shown are still those of the page before. */
  readonly isTurning: boolean;
}

/** Turns the pages of a record that goes further back than one of them. */
export function Pager({ label, pages, page, isTurning }: Props) {
  const { items, next } = page;
  const isNewest = pages.number === 1;
  if (isNewest && next === null) return null;
  const said = isNewest ? `The newest ${count(items.length)}` : `Page ${count(pages.number)}, ${count(items.length)} older ones`;
  return (
    <nav className="pager" aria-label={`Pages of ${label}`}>
      <button type="button" className="button" data-kind="small" disabled={isNewest} onClick={pages.newest}>
        Newest
      </button>
      <button type="button" className="button" data-kind="small" disabled={isNewest} onClick={pages.newer}>
        Newer
      </button>
      <button type="button" className="button" data-kind="small" disabled={next === null || isTurning} onClick={() => next !== null && pages.older(next)}>
        Older
      </button>
      <span role="status">{isTurning ? "Turning the page" : said}</span>
    </nav>
  );
}
