/** The bot and its record: a hook for each endpoint. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "../client";

export const BOT_ACTIONS = ["start", "stop", "pause", "resume", "cancel-entries", "halt", "flatten", "release"] as const;
export type BotAction = (typeof BOT_ACTIONS)[number];

const page = { limit: 200 };

export const useBot = () =>
  useQuery({ queryKey: ["bot"], queryFn: () => answered(api.GET("/api/v1/bot")), refetchInterval: 1000 });

export const usePositions = () =>
  useQuery({ queryKey: ["positions"], queryFn: () => answered(api.GET("/api/v1/positions")) });

export const useOrders = (isOpen = false) =>
  useQuery({
    queryKey: ["orders", isOpen],
    queryFn: () => answered(api.GET("/api/v1/orders", { params: { query: { ...page, is_open: isOpen } } })),
  });

export const useOrderTimeline = (orderId: string) =>
  useQuery({
    queryKey: ["orders", "timeline", orderId],
    queryFn: () =>
      answered(api.GET("/api/v1/orders/{order_id}/timeline", { params: { path: { order_id: orderId } } })),
  });

export const useFills = () =>
  useQuery({
    queryKey: ["fills"],
    queryFn: () => answered(api.GET("/api/v1/fills", { params: { query: page } })),
  });

export const useEquity = () =>
  useQuery({
    queryKey: ["equity"],
    queryFn: () => answered(api.GET("/api/v1/equity", { params: { query: { limit: 1000 } } })),
  });

export const useSignals = () =>
  useQuery({
    queryKey: ["signals"],
    queryFn: () => answered(api.GET("/api/v1/signals", { params: { query: page } })),
  });

export const useVerdicts = () =>
  useQuery({
    queryKey: ["verdicts"],
    queryFn: () => answered(api.GET("/api/v1/risk/verdicts", { params: { query: page } })),
  });

export const useRisk = () =>
  useQuery({ queryKey: ["risk"], queryFn: () => answered(api.GET("/api/v1/risk")), refetchInterval: 2000 });

export const useAudit = () =>
  useQuery({
    queryKey: ["audit"],
    queryFn: () => answered(api.GET("/api/v1/audit", { params: { query: page } })),
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
    mutationFn: (account: string) =>
      answered(api.POST("/api/v1/simulation/reset", { body: { reason: "", confirm: account } })),
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

/** Close what is held of a market; the reason is for the audit. */
export function useClosePosition(symbol: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      answered(api.POST("/api/v1/positions/{symbol}/close", { params: { path: { symbol } }, body: { reason } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["positions"] }),
  });
}
