import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import { useBacktestEquity, useBacktests } from "../../api/queries/research";
import { useConfig } from "../../api/queries/system";
import type { BandPoint, EquityPoint } from "../../components/EquityChart";
import { bandOf, expectationOf } from "./band";

/** A configuration keeps numbers as exact text. */
function isEqual(ran: unknown, configured: unknown): boolean {
  return typeof ran === "number" ? ran === Number(configured) : ran === configured;
}

function isOf(run: Schemas["Backtest"], bot: Schemas["BotStatus"], params: Readonly<Record<string, unknown>>): boolean {
  const isSame = run.state === "done" && run.strategy === bot.strategy && bot.symbols.includes(run.symbol);
  const timeframes = run.timeframes ?? [];
  const fits = timeframes.length === 0 || timeframes.includes(bot.interval);
  return isSame && fits && Object.entries(params).every(([name, value]) => isEqual(run.params?.[name], value));
}

function paramsOf(shown: Schemas["ConfigurationShown"] | undefined): Readonly<Record<string, unknown>> {
  const strategy = shown?.configuration["strategy"];
  const params = typeof strategy === "object" && strategy !== null && "params" in strategy ? strategy.params : null;
  return typeof params === "object" && params !== null ? { ...params } : {};
}

/** The band of the newest backtest of what the bot runs: same strategy, market, timeframe and parameters. */
export function useBand(bot: Schemas["BotStatus"], points: readonly EquityPoint[]): readonly BandPoint[] {
  const runs = useBacktests().data?.items;
  const config = useConfig().data;
  const params = paramsOf(config);
  const run = runs?.find((it) => isOf(it, bot, params));
  const curve = useBacktestEquity(run?.id ?? "", run !== undefined).data;
  const expected = useMemo(() => (curve === undefined ? null : expectationOf(curve)), [curve]);
  return useMemo(() => (expected === null ? [] : bandOf(points, expected)), [points, expected]);
}
