import { useBot } from "../api/queries/trading";
import { useStreamState } from "../api/streaming";

/** Since when the server has not answered, in milliseconds since the epoch; `null` while it does. */
export function useLost(): number | null {
  const { isError, dataUpdatedAt } = useBot();
  const link = useStreamState();
  return isError || link === "lost" ? dataUpdatedAt : null;
}
