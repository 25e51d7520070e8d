/** Backtests, strategies, markets and kept data: a hook for each endpoint. */
import { keepPreviousData, queryOptions, useMutation, useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { answered, api, type Schemas } from "../client";

export const useStrategies = () =>
  useQuery({ queryKey: ["strategies"], queryFn: () => answered(api.GET("/api/v1/strategies")), staleTime: 60_000 });

export const useSymbols = () =>
  useQuery({ queryKey: ["symbols"], queryFn: () => answered(api.GET("/api/v1/symbols")), staleTime: 10_000 });

/** The last day of a market, its last price among it. */
export const useStats = (symbol: string) =>
  useQuery({
    queryKey: ["stats", symbol],
    enabled: symbol !== "",
    refetchInterval: 2000,
    queryFn: () => answered(api.GET("/api/v1/stats/{symbol}", { params: { path: { symbol } } })),
  });

export const useHistory = (symbol: string, interval: string | null) =>
  useQuery({
    queryKey: ["history", symbol, interval],
    enabled: symbol !== "",
    placeholderData: keepPreviousData,
    queryFn: () =>
      answered(
        api.GET("/api/v1/history/{symbol}", { params: { path: { symbol }, query: { interval, limit: 1000 } } }),
      ),
  });

/** What the bot's strategy computes; asked again as bars close. */
export const useIndicators = (symbol: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["indicators", symbol],
    enabled: symbol !== "" && isWanted,
    queryFn: () =>
      answered(api.GET("/api/v1/indicators/{symbol}", { params: { path: { symbol }, query: { limit: 1000 } } })),
  });

export const useStructures = (symbol: string, interval: string | null, isWanted: boolean) =>
  useQuery({
    queryKey: ["structures", symbol, interval],
    enabled: symbol !== "" && isWanted,
    placeholderData: keepPreviousData,
    queryFn: () =>
      answered(
        api.GET("/api/v1/structures/{symbol}", { params: { path: { symbol }, query: { interval, limit: 1000 } } }),
      ),
  });

export const useBacktests = () =>
  useQuery({ queryKey: ["backtests"], queryFn: () => answered(api.GET("/api/v1/backtests")) });

export const useBacktest = (id: string) =>
  useQuery({
    queryKey: ["backtest", id],
    queryFn: () => answered(api.GET("/api/v1/backtests/{id}", { params: { path: { id } } })),
  });

const backtestEquity = (id: string) =>
  queryOptions({
    queryKey: ["backtest-equity", id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      answered(api.GET("/api/v1/backtests/{id}/equity", { params: { path: { id }, query: { points: 1500 } } })),
  });

export const useBacktestEquity = (id: string, isDone: boolean) => useQuery({ ...backtestEquity(id), enabled: isDone });

type Equities = readonly UseQueryResult<Schemas["EquityCurve"]>[];

/** Outside of the hook, so that the same answers give the same value. */
const joined = (found: Equities) => ({
  answers: found.map(({ data }) => data),
  error: found.find((it) => it.error !== null)?.error ?? null,
});

/** The curves of several runs, in their order. */
export const useBacktestEquities = (ids: readonly string[]) =>
  useQueries({ queries: ids.map(backtestEquity), combine: joined });

export const useBacktestTrades = (id: string, isDone: boolean) =>
  useQuery({
    queryKey: ["backtest-trades", id],
    enabled: isDone,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      answered(api.GET("/api/v1/backtests/{id}/trades", { params: { path: { id }, query: { limit: 500 } } })),
  });

export const useFigures = () =>
  useQuery({
    queryKey: ["figures"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => answered(api.GET("/api/v1/backtests/figures")),
  });

export const useComparison = (ids: readonly string[]) =>
  useQuery({
    queryKey: ["comparison", ids],
    enabled: ids.length > 1,
    queryFn: () => answered(api.GET("/api/v1/backtests/compare", { params: { query: { id: [...ids] } } })),
  });

export function useAskBacktest() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["BacktestRequest"]) => answered(api.POST("/api/v1/backtests", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["backtests"] }),
  });
}

export function useCancelBacktest() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/api/v1/backtests/{id}", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["backtests"] }),
  });
}

export const useData = () => useQuery({ queryKey: ["data"], queryFn: () => answered(api.GET("/api/v1/data")) });

export const useSeries = (symbol: string, interval: string) =>
  useQuery({
    queryKey: ["series", symbol, interval],
    queryFn: () => answered(api.GET("/api/v1/data/{symbol}/{interval}", { params: { path: { symbol, interval } } })),
  });

/** Bring a file into the store; everything that is shown of the store is then asked for anew. */
export function useImportFile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ImportRequest"]) => answered(api.POST("/api/v1/data/import", { body })),
    onSuccess: () =>
      Promise.all(["data", "series", "calendar", "symbols"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useCoverageCalendar = (symbol: string, interval: string) =>
  useQuery({
    queryKey: ["calendar", symbol, interval],
    queryFn: () =>
      answered(api.GET("/api/v1/data/{symbol}/{interval}/calendar", { params: { path: { symbol, interval } } })),
  });

/** A study is asked for again while it runs. */
const everySecondUntilDone = (state: Schemas["Grid"]["state"] | undefined): number | false =>
  state === "queued" || state === "running" ? 1000 : false;

export const useGrid = (id: string) =>
  useQuery({
    queryKey: ["grid", id],
    enabled: id !== "",
    refetchInterval: (query) => everySecondUntilDone(query.state.data?.state),
    queryFn: () => answered(api.GET("/api/v1/grids/{id}", { params: { path: { id } } })),
  });

export const useAskGrid = () =>
  useMutation({
    mutationFn: (body: Schemas["GridRequest"]) => answered(api.POST("/api/v1/grids", { body })),
  });

export const useVerification = (id: string) =>
  useQuery({
    queryKey: ["verification", id],
    enabled: id !== "",
    refetchInterval: (query) => everySecondUntilDone(query.state.data?.state),
    queryFn: () => answered(api.GET("/api/v1/verifications/{id}", { params: { path: { id } } })),
  });

export const useAskVerification = () =>
  useMutation({
    mutationFn: (body: Schemas["BacktestRequest"]) => answered(api.POST("/api/v1/verifications", { body })),
  });
