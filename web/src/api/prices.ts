/** The last price of each market, as the stream tells it. */
import { useSyncExternalStore } from "react";
import { type StreamMessage, stream } from "./stream";

const prices = new Map<string, number>();
const watchers = new Map<string, Set<() => void>>();

/** A trade, else the middle of a quote, else the close of a bar. */
function priceIn({ topic, data }: StreamMessage): number | null {
  if (topic !== "ticks" && topic !== "bars") return null;
  const { price, bid, ask, close } = data;
  if (typeof price === "number") return price;
  if (typeof bid === "number" && typeof ask === "number") return (bid + ask) / 2;
  return typeof close === "number" ? close : null;
}

stream.listen((messages) => {
  const touched = new Set<string>();
  for (const message of messages) {
    const price = priceIn(message);
    const { symbol } = message.data;
    if (price === null || typeof symbol !== "string") continue;
    prices.set(symbol, price);
    touched.add(symbol);
  }
  for (const symbol of touched) for (const tell of watchers.get(symbol) ?? []) tell();
});

/** Drawn anew once per animation frame at most, and only where this market's price has changed. */
export function useLastPrice(symbol: string): number | undefined {
  return useSyncExternalStore(
    (tell) => {
      const telling = watchers.get(symbol) ?? new Set();
      watchers.set(symbol, telling.add(tell));
      return () => telling.delete(tell);
    },
    () => prices.get(symbol),
  );
}
