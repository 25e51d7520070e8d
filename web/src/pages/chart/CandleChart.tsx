import {
  CandlestickSeries,
  createSeriesMarkers,
  HistogramSeries,
  type ISeriesApi,
  type SeriesMarker,
  type UTCTimestamp,
} from "lightweight-charts";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import type { StreamMessage } from "../../api/stream";
import { useStream } from "../../api/streaming";
import { axisTime, useChart } from "../../components/useChart";
import { useSettings, type Zone } from "../../settings/settings";

interface Props {
  readonly history: Schemas["History"];
  readonly fills: readonly Schemas["Fill"][];
  readonly position: Schemas["Position"] | undefined;
}

type Bar = Schemas["BarOut"];

const at = (time: string, zone: Zone) => axisTime(time, zone) as UTCTimestamp;

function isBarOf(message: StreamMessage, history: Schemas["History"]): boolean {
  const { symbol, interval } = message.data;
  return message.topic === "bars" && symbol === history.symbol && interval === history.interval;
}

/** Marks stand on the bar that was open when the trade was made. */
function marksOf({ history, fills }: Props, zone: Zone, up: string, down: string): SeriesMarker<UTCTimestamp>[] {
  const opens = history.bars.map((bar) => Date.parse(bar.time));
  const marks: SeriesMarker<UTCTimestamp>[] = [];
  for (const fill of fills) {
    const index = fill.time === null ? -1 : opens.findLastIndex((open) => open <= Date.parse(fill.time ?? ""));
    const bar = history.bars[index];
    if (bar === undefined) continue;
    const buys = fill.side === "buy";
    marks.push({ time: at(bar.time, zone), position: buys ? "belowBar" : "aboveBar", shape: buys ? "arrowUp" : "arrowDown", color: buys ? up : down });
  }
  return marks.sort((a, b) => a.time - b.time);
}

/** Candles and volume with entries, exits, and what rests for the position; new bars arrive by the stream. */
export function CandleChart(props: Props) {
  const { history, position } = props;
  const [element, chart, colours] = useChart();
  const { zone } = useSettings();
  const [candles, setCandles] = useState<ISeriesApi<"Candlestick"> | null>(null);
  const [volume, setVolume] = useState<ISeriesApi<"Histogram"> | null>(null);
  useEffect(() => {
    if (chart === null) return;
    setCandles(chart.addSeries(CandlestickSeries, { priceLineVisible: false }));
    setVolume(chart.addSeries(HistogramSeries, { priceFormat: { type: "volume" }, priceLineVisible: false }, 1));
    chart.panes()[0]?.setStretchFactor(5);
    chart.panes()[1]?.setStretchFactor(1);
  }, [chart]);
  useEffect(() => {
    const { up, down } = colours;
    candles?.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
  }, [candles, colours]);
  useEffect(() => {
    candles?.setData(history.bars.map((bar) => ({ ...bar, time: at(bar.time, zone) })));
    volume?.setData(
      history.bars.map((bar) => ({
        time: at(bar.time, zone),
        value: bar.volume,
        color: `${bar.close < bar.open ? colours.down : colours.up}80`,
      })),
    );
  }, [candles, volume, history, colours, zone]);
  const marks = useMemo(() => marksOf(props, zone, colours.up, colours.down), [props, zone, colours]);
  useEffect(() => {
    if (candles === null) return undefined;
    const made = createSeriesMarkers(candles, marks);
    return () => {
      if (element.current !== null) made.detach();
    };
  }, [candles, marks, element]);
  const levels = [position?.entry_price, position?.stop_price, position?.target_price];
  useEffect(() => {
    if (candles === null) return undefined;
    const names = ["entry", "stop", "target"];
    const tints = [colours.accent, colours.down, colours.up];
    const lines = levels.flatMap((price, index) =>
      price == null ? [] : [candles.createPriceLine({ price, title: names[index] ?? "", color: tints[index] ?? "", lineStyle: 2, lineWidth: 1 })],
    );
    return () => {
      if (element.current !== null) for (const line of lines) candles.removePriceLine(line);
    };
  }, [candles, colours, element, ...levels]);
  const take = useCallback(
    (messages: readonly StreamMessage[]) => {
      for (const message of messages) {
        if (!isBarOf(message, history)) continue;
        const bar = message.data as unknown as Bar;
        candles?.update({ ...bar, time: at(bar.time, zone) });
        volume?.update({ time: at(bar.time, zone), value: bar.volume, color: `${bar.close < bar.open ? colours.down : colours.up}80` });
      }
    },
    [history, candles, volume, colours, zone],
  );
  useStream(take);
  return <div className="chart" style={{ height: 560 }} ref={element} role="figure" aria-label={`Candles of ${history.symbol}`} />;
}
