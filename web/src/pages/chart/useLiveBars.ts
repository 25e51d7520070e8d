import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import type { StreamMessage } from "../../api/stream";
import { useStream } from "../../api/streaming";
import { secondsOf } from "./intervals";

type Bar = Schemas["BarOut"];
type LiveBar = Bar & { readonly symbol: string; readonly interval: string };

/** Bars that are kept of the stream; an answer holds as many. */
const MOST = 1000;

const opens = (bar: Bar | undefined): number => Date.parse(bar?.time ?? "");

/** The bars of an answer, and those that closed since. */
export function useLiveBars(history: Schemas["History"]): readonly Bar[] {
  const queries = useQueryClient();
  const { symbol, interval } = history;
  const [arrived, setArrived] = useState<readonly LiveBar[]>([]);
  const take = useCallback(
    (messages: readonly StreamMessage[]) => {
      const isOurs = (it: LiveBar) => it.symbol === symbol && it.interval === interval;
      const bars = messages.flatMap((it) => (it.topic === "bars" ? [it.data as unknown as LiveBar] : [])).filter(isOurs);
      if (bars.length > 0) setArrived((now) => [...now.filter(isOurs), ...bars].slice(-MOST));
    },
    [symbol, interval],
  );
  useStream(take);
  const last = opens(history.bars.at(-1));
  const newer = useMemo(
    () => arrived.filter((it) => it.symbol === symbol && it.interval === interval && opens(it) > last),
    [arrived, symbol, interval, last],
  );
  // Bars may close between the answer and the first of the stream. The next answer holds the first that is known here.
  const isApart = newer.length > 0 && opens(newer[0]) > last + (secondsOf(interval) ?? Number.POSITIVE_INFINITY) * 1000;
  useEffect(() => {
    if (isApart) void queries.invalidateQueries({ queryKey: ["history", symbol] });
  }, [isApart, queries, symbol]);
  return useMemo(() => [...history.bars, ...newer], [history, newer]);
}
