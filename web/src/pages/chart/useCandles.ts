import {
  CandlestickSeries,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from "lightweight-charts";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import type { Zone } from "../../settings/settings";
import { axisFormat } from "./axisFormat";

type History = Schemas["History"];
type Bar = Schemas["BarOut"];

interface Candles {
  readonly candles: ISeriesApi<"Candlestick"> | null;
  readonly volume: ISeriesApi<"Histogram"> | null;
}

const VOLUME_SHARE = 0.16;

/** Candles with volume at their feet. A new answer is drawn whole, the bars that arrive after it one by one. */
export function useCandles(
  chart: IChartApi | null,
  history: History,
  bars: readonly Bar[],
  places: number,
  zone: Zone,
  colours: Palette,
): Candles {
  const [candles, setCandles] = useState<ISeriesApi<"Candlestick"> | null>(null);
  const [volume, setVolume] = useState<ISeriesApi<"Histogram"> | null>(null);
  useEffect(() => {
    if (chart === null) return;
    const priced = chart.addSeries(CandlestickSeries, { priceLineVisible: true, borderVisible: false });
    priced.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: VOLUME_SHARE + 0.04 } });
    const traded = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      priceLineVisible: false,
      lastValueVisible: false,
    });
    traded.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } });
    setCandles(priced);
    setVolume(traded);
  }, [chart]);
  useEffect(() => {
    const { up, down } = colours;
    candles?.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, priceFormat: axisFormat(places) });
  }, [candles, colours, places]);
  const tint = useCallback((bar: Bar) => `${bar.close < bar.open ? colours.down : colours.up}59`, [colours]);
  const at = useCallback((bar: Bar) => axisTime(bar.time, zone) as UTCTimestamp, [zone]);
  const drawn = useRef("");
  useEffect(() => {
    candles?.setData(bars.map((bar) => ({ ...bar, time: at(bar) })));
    volume?.setData(bars.map((bar) => ({ time: at(bar), value: bar.volume, color: tint(bar) })));
    drawn.current = bars.at(-1)?.time ?? "";
  }, [candles, volume, history, at, tint]);
  useEffect(() => {
    for (const bar of bars.slice(bars.findIndex((it) => it.time === drawn.current) + 1)) {
      candles?.update({ ...bar, time: at(bar) });
      volume?.update({ time: at(bar), value: bar.volume, color: tint(bar) });
      drawn.current = bar.time;
    }
  }, [candles, volume, bars, at, tint]);
  return { candles, volume };
}
