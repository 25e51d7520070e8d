import { useLastPrice } from "../../api/prices";
import { exact, fixed, placesOf } from "../../format/numbers";

/** The last price of a market, alive; until the first arrives, the mark of the books. */
export function LastPrice({ symbol, mark }: { readonly symbol: string; readonly mark: number | null | undefined }) {
  const last = useLastPrice(symbol);
  return last === undefined ? exact(mark) : fixed(last, placesOf([last, mark]));
}
