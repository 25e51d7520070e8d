import { useBot } from "../api/queries/trading";
import { useStreamState } from "../api/streaming";

const OPENED = Date.now();

/** Since when the server has not answered, in milliseconds since the epoch, the page's opening at first; `null` while it does. */
export function useLost(): number | null {
  const { isError, dataUpdatedAt } = useBot();
  const link = useStreamState();
  return isError || link === "lost" ? Math.max(dataUpdatedAt, OPENED) : null;
}
