/** What of the stream makes which answers of the API old. */
import type { QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { type StreamMessage, type StreamState, stream } from "./stream";

const TOUCHED: Partial<Record<StreamMessage["topic"], readonly string[]>> = {
  bars: ["indicators", "structures"],
  signals: ["signals", "verdicts"],
  orders: ["orders", "positions"],
  fills: ["fills", "positions"],
  equity: ["equity"],
  positions: ["positions", "bot"],
  health: ["bot", "health"],
  log: ["audit", "bot"],
  backtests: ["backtests", "backtest"],
};
const REFRESH_MS = 1000;

/** Ask again for what the stream touched, once a second at most, so that fifty busy markets cost what one does. */
export function refreshFromStream(queries: QueryClient): void {
  const touched = new Set<string>();
  let timer: number | undefined;
  stream.listen((messages) => {
    for (const { topic } of messages) for (const key of TOUCHED[topic] ?? []) touched.add(key);
    if (touched.size > 0) timer ??= window.setTimeout(refresh, REFRESH_MS);
  });
  stream.watch(() => {
    // What happened while the server was gone is not on the stream of a new one.
    if (stream.state === "open") void queries.invalidateQueries();
  });
  function refresh(): void {
    timer = undefined;
    for (const key of touched) void queries.invalidateQueries({ queryKey: [key] });
    touched.clear();
  }
}

export function useStreamState(): StreamState {
  return useSyncExternalStore(stream.watch, () => stream.state);
}

export function useStream(listener: (messages: readonly StreamMessage[]) => void): void {
  useEffect(() => stream.listen(listener), [listener]);
}
