import { AreaSeries, type IChartApi, type ISeriesApi, LineSeries, LineStyle, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useState } from "react";
import { fixed } from "../format/numbers";
import { useSettings } from "../settings/settings";
import type { Palette } from "./palette";
import { axisTime, useChart } from "./useChart";

export interface EquityPoint {
  readonly time: string;
  readonly equity: number;
  /** Below the peak so far, a fraction of it, 0 or negative. */
  readonly drawdown: number;
}

export interface BandPoint {
  readonly time: string;
  readonly low: number;
  readonly high: number;
}

interface Props {
  readonly points: readonly EquityPoint[];
  /** Bounds it is held against. */
  readonly band?: readonly BandPoint[];
  readonly height?: number;
}

interface Drawn {
  readonly equity: ISeriesApi<"Line">;
  readonly drawdown: ISeriesApi<"Area">;
  readonly low: ISeriesApi<"Line">;
  readonly high: ISeriesApi<"Line">;
}

const NO_BAND: readonly BandPoint[] = [];
const PLAIN = { priceLineVisible: false, crosshairMarkerVisible: false, lastValueVisible: false } as const;
const MONEY = { type: "custom", formatter: (value: number) => fixed(value), minMove: 0.01 } as const;
const PERCENT = {
  type: "custom",
  formatter: (value: number) => `${fixed(value)} %`,
  minMove: 0.01,
} as const;

function draw(chart: IChartApi): Drawn {
  const bound = { ...PLAIN, lineWidth: 1, lineStyle: LineStyle.Dotted, priceFormat: MONEY } as const;
  const drawn = {
    low: chart.addSeries(LineSeries, bound),
    high: chart.addSeries(LineSeries, bound),
    equity: chart.addSeries(LineSeries, { lineWidth: 2, priceLineVisible: false, priceFormat: MONEY }),
    drawdown: chart.addSeries(AreaSeries, { lineWidth: 1, priceLineVisible: false, priceFormat: PERCENT }, 1),
  };
  chart.panes()[0]?.setStretchFactor(3);
  chart.panes()[1]?.setStretchFactor(1);
  return drawn;
}

function colour({ equity, drawdown, low, high }: Drawn, { accent, down, quiet }: Palette): void {
  equity.applyOptions({ color: accent });
  drawdown.applyOptions({ lineColor: down, topColor: `${down}08`, bottomColor: `${down}40` });
  for (const bound of [low, high]) bound.applyOptions({ color: quiet });
}

/** Equity above, how far below its peak beneath. */
export function EquityChart({ points, band = NO_BAND, height = 260 }: Props) {
  const [element, chart, colours] = useChart();
  const { zone } = useSettings();
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const isEmpty = points.length === 0;
  useEffect(() => {
    if (chart !== null) setDrawn(draw(chart));
  }, [chart]);
  useEffect(() => {
    if (drawn !== null) colour(drawn, colours);
  }, [drawn, colours]);
  useEffect(() => {
    if (drawn === null) return;
    const at = (point: { readonly time: string }) => axisTime(point.time, zone) as UTCTimestamp;
    drawn.equity.setData(points.map((point) => ({ time: at(point), value: point.equity })));
    drawn.drawdown.setData(points.map((point) => ({ time: at(point), value: point.drawdown * 100 })));
    drawn.low.setData(band.map((point) => ({ time: at(point), value: point.low })));
    drawn.high.setData(band.map((point) => ({ time: at(point), value: point.high })));
  }, [drawn, points, band, zone]);
  useEffect(() => {
    // Once, so that whoever has zoomed in is not thrown out by the next point.
    if (drawn !== null && !isEmpty) chart?.timeScale().fitContent();
  }, [chart, drawn, isEmpty]);
  return (
    <div className="chart" style={{ height }} ref={element} role="figure" aria-label="Equity, and drawdown beneath it" />
  );
}
