/** The bot and its record: a hook for each endpoint. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, api, type Schemas } from "../client";
import { LONGEST_PAGE, NEWEST, type Place } from "../paging";

export const BOT_ACTIONS = ["start", "stop", "pause", "resume", "cancel-entries", "halt", "flatten", "release"] as const;
export type BotAction = (typeof BOT_ACTIONS)[number];

export const useBot = () =>
  useQuery({ queryKey: ["bot"], queryFn: () => answered(api.GET("/api/v1/bot")), refetchInterval: 1000 });

export const usePositions = () =>
  useQuery({ queryKey: ["positions"], queryFn: () => answered(api.GET("/api/v1/positions")) });

export const useOrders = (isOpen = false, place: Place = NEWEST) =>
  useQuery({
    queryKey: ["orders", isOpen, place],
    placeholderData: keepPreviousData,
    queryFn: () => answered(api.GET("/api/v1/orders", { params: { query: { is_open: isOpen, ...place } } })),
  });

export const useOrderTimeline = (orderId: string) =>
  useQuery({
    queryKey: ["orders", "timeline", orderId],
    queryFn: () =>
      answered(api.GET("/api/v1/orders/{order_id}/timeline", { params: { path: { order_id: orderId } } })),
  });

export const useFills = (place: Place = NEWEST) =>
  useQuery({
    queryKey: ["fills", place],
    placeholderData: keepPreviousData,
    queryFn: () => answered(api.GET("/api/v1/fills", { params: { query: place } })),
  });

/** The trades of one order. */
export const useOrderFills = (orderId: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["fills", "of", orderId],
    enabled: isWanted,
    queryFn: () => answered(api.GET("/api/v1/fills", { params: { query: { order_id: orderId, limit: LONGEST_PAGE } } })),
  });

/** The newest trades of a market: as many as a chart may show. */
export const useMarketFills = (symbol: string) =>
  useQuery({
    queryKey: ["fills", "in", symbol],
    enabled: symbol !== "",
    queryFn: () => answered(api.GET("/api/v1/fills", { params: { query: { symbol, limit: LONGEST_PAGE } } })),
  });

export const useEquity = () =>
  useQuery({
    queryKey: ["equity"],
    queryFn: () => answered(api.GET("/api/v1/equity", { params: { query: { limit: 1000 } } })),
  });

export const useSignals = (place: Place = NEWEST) =>
  useQuery({
    queryKey: ["signals", place],
    placeholderData: keepPreviousData,
    queryFn: () => answered(api.GET("/api/v1/signals", { params: { query: place } })),
  });

/** Finds the page of signals that begins with the last one given up to a time. */
export const useSignalPlace = () =>
  useMutation({
    mutationFn: (until: string) => answered(api.GET("/api/v1/signals/place", { params: { query: { until } } })),
  });

export const useVerdicts = (place: Place = NEWEST) =>
  useQuery({
    queryKey: ["verdicts", place],
    placeholderData: keepPreviousData,
    queryFn: () => answered(api.GET("/api/v1/risk/verdicts", { params: { query: place } })),
  });

export const useRisk = () =>
  useQuery({ queryKey: ["risk"], queryFn: () => answered(api.GET("/api/v1/risk")), refetchInterval: 2000 });

export const useAudit = (place: Place = NEWEST) =>
  useQuery({
    queryKey: ["audit", place],
    placeholderData: keepPreviousData,
    queryFn: () => answered(api.GET("/api/v1/audit", { params: { query: place } })),
  });

/** Tell the bot something. The account's name confirms what cannot be taken back. */
export function useTellBot() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, account, reason }: { action: BotAction; account: string; reason: string }) => {
      const confirmed = { body: { reason, confirm: account } };
      const told = { body: { reason } };
      if (action === "halt") return answered(api.POST("/api/v1/bot/halt", confirmed));
      if (action === "flatten") return answered(api.POST("/api/v1/bot/flatten", confirmed));
      if (action === "start") return answered(api.POST("/api/v1/bot/start", confirmed));
      return answered(api.POST(`/api/v1/bot/${action}`, told));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["bot"] }),
  });
}

export function useSimulationReset() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ account, reason }: { account: string; reason: string }) =>
      answered(api.POST("/api/v1/simulation/reset", { body: { reason, confirm: account } })),
    onSettled: () => queries.invalidateQueries(),
  });
}

export const useReconcile = () =>
  useQuery({
    queryKey: ["reconcile"],
    refetchInterval: 5000,
    queryFn: () => answered(api.GET("/api/v1/reconcile")),
  });

export function useCompareNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answered(api.POST("/api/v1/reconcile")),
    onSettled: () => queries.invalidateQueries({ queryKey: ["reconcile"] }),
  });
}

/** Write the note of a trade; an empty one takes it away. */
export function useNote() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ symbol, tradeId, text }: { symbol: string; tradeId: string; text: string }) =>
      answered(
        api.PUT("/api/v1/fills/{symbol}/{trade_id}/note", { params: { path: { symbol, trade_id: tradeId } }, body: { text } }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["fills"] }),
  });
}

/** Take one order back; the reason is for the audit. */
export function useCancelOrder(orderId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      answered(api.DELETE("/api/v1/orders/{order_id}", { params: { path: { order_id: orderId }, query: { reason } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["orders"] }),
  });
}

/** An order of an operator, placed once for a key; the answer is the verdict of the bot. */
export function usePlaceOrder() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: Schemas["PlaceOrder"]; key: string }) =>
      answered(api.POST("/api/v1/orders", { params: { header: { "Idempotency-Key": key } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["orders"] }),
  });
}

/** Close what is held of a market; the reason is for the audit. */
export function useClosePosition(symbol: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      answered(api.POST("/api/v1/positions/{symbol}/close", { params: { path: { symbol } }, body: { reason } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["positions"] }),
  });
}
