import {
  CandlestickSeries,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from "lightweight-charts";
import { useCallback, useEffect, useState } from "react";
import type { Schemas } from "../../api/client";
import type { StreamMessage } from "../../api/stream";
import { useStream } from "../../api/streaming";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import type { Zone } from "../../settings/settings";

type History = Schemas["History"];
type Bar = Schemas["BarOut"];

const VOLUME_SHARE = 0.16;

function isBarOf(message: StreamMessage, history: History): boolean {
  const { symbol, interval } = message.data;
  return message.topic === "bars" && symbol === history.symbol && interval === history.interval;
}

/** Candles with volume at their feet; new bars arrive by the stream. */
export function useCandles(
  chart: IChartApi | null,
  history: History,
  places: number,
  zone: Zone,
  colours: Palette,
): ISeriesApi<"Candlestick"> | null {
  const [candles, setCandles] = useState<ISeriesApi<"Candlestick"> | null>(null);
  const [volume, setVolume] = useState<ISeriesApi<"Histogram"> | null>(null);
  useEffect(() => {
    if (chart === null) return;
    const bars = chart.addSeries(CandlestickSeries, { priceLineVisible: true, borderVisible: false });
    bars.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: VOLUME_SHARE + 0.04 } });
    const traded = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      priceLineVisible: false,
      lastValueVisible: false,
    });
    traded.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } });
    setCandles(bars);
    setVolume(traded);
  }, [chart]);
  useEffect(() => {
    const { up, down } = colours;
    const priceFormat = { type: "price", precision: places, minMove: 10 ** -places } as const;
    candles?.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, priceFormat });
  }, [candles, colours, places]);
  const tint = useCallback((bar: Bar) => `${bar.close < bar.open ? colours.down : colours.up}59`, [colours]);
  const at = useCallback((bar: Bar) => axisTime(bar.time, zone) as UTCTimestamp, [zone]);
  useEffect(() => {
    candles?.setData(history.bars.map((bar) => ({ ...bar, time: at(bar) })));
    volume?.setData(history.bars.map((bar) => ({ time: at(bar), value: bar.volume, color: tint(bar) })));
  }, [candles, volume, history, at, tint]);
  const take = useCallback(
    (messages: readonly StreamMessage[]) => {
      for (const message of messages) {
        if (!isBarOf(message, history)) continue;
        const bar = message.data as unknown as Bar;
        candles?.update({ ...bar, time: at(bar) });
        volume?.update({ time: at(bar), value: bar.volume, color: tint(bar) });
      }
    },
    [history, candles, volume, at, tint],
  );
  useStream(take);
  return candles;
}
