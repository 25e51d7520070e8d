import { AreaSeries, LineSeries, type UTCTimestamp } from "lightweight-charts";
import { useEffect } from "react";
import { useSettings } from "../settings/settings";
import { axisTime, useChart } from "./useChart";

export interface EquityPoint {
  readonly time: string;
  readonly equity: number;
  /** Below the peak so far, a fraction of it, 0 or negative. */
  readonly drawdown: number;
}

/** Equity above, how far below its peak beneath. */
export function EquityChart({ points, height = 260 }: { readonly points: readonly EquityPoint[]; readonly height?: number }) {
  const [element, chart, colours] = useChart();
  const { zone } = useSettings();
  useEffect(() => {
    if (chart === null) return undefined;
    const equity = chart.addSeries(LineSeries, { color: colours.accent, lineWidth: 2, priceLineVisible: false });
    const drawdown = chart.addSeries(
      AreaSeries,
      {
        lineColor: colours.down,
        topColor: `${colours.down}08`,
        bottomColor: `${colours.down}40`,
        lineWidth: 1,
        priceLineVisible: false,
        priceFormat: { type: "custom", formatter: (value: number) => `${value.toFixed(2)} %`, minMove: 0.01 },
      },
      1,
    );
    const at = (point: EquityPoint) => axisTime(point.time, zone) as UTCTimestamp;
    equity.setData(points.map((point) => ({ time: at(point), value: point.equity })));
    drawdown.setData(points.map((point) => ({ time: at(point), value: point.drawdown * 100 })));
    chart.panes()[0]?.setStretchFactor(3);
    chart.panes()[1]?.setStretchFactor(1);
    chart.timeScale().fitContent();
    return () => {
      // On unmount the chart has gone first, its series with it.
      if (element.current === null) return;
      chart.removeSeries(equity);
      chart.removeSeries(drawdown);
    };
  }, [chart, colours, points, zone, element]);
  return <div className="chart" style={{ height }} ref={element} role="figure" aria-label="Equity, and drawdown beneath it" />;
}
