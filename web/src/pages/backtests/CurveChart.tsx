import { type IChartApi, type ISeriesApi, LineSeries, LineStyle, type MouseEventParams, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useState } from "react";
import { axisTime, useChart } from "../../components/useChart";
import { fixed } from "../../format/numbers";
import { useSettings } from "../../settings/settings";
import { type RunCurve, strokeOf } from "./curves";

interface Props {
  readonly curves: readonly RunCurve[];
  readonly hidden: ReadonlySet<string>;
  /** The run that stands out. */
  readonly chosen: string | null;
  readonly height: number;
  /** Is told the instant under the pointer. */
  readonly onPoint: (ms: number | null) => void;
}

interface Lines {
  readonly growth: ISeriesApi<"Line">;
  readonly drawdown: ISeriesApi<"Line">;
}

const PLAIN = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 } as const;
const GROWTH = { type: "custom", formatter: (value: number) => fixed(value, 3), minMove: 0.001 } as const;
const PERCENT = { type: "custom", formatter: (value: number) => `${fixed(value, 1)} %`, minMove: 0.1 } as const;

function draw(chart: IChartApi, curves: readonly RunCurve[]): Lines[] {
  const lines = curves.map(() => ({
    growth: chart.addSeries(LineSeries, { ...PLAIN, priceFormat: GROWTH }),
    drawdown: chart.addSeries(LineSeries, { ...PLAIN, priceFormat: PERCENT }, 1),
  }));
  chart.panes()[0]?.setStretchFactor(2);
  chart.panes()[1]?.setStretchFactor(1);
  return lines;
}

/** Instants of the curves by their place on the axis, whose zone may be another. */
function instantsOf(curves: readonly RunCurve[], place: (time: string) => number): Map<number, number> {
  return new Map(curves.flatMap(({ points }) => points.map(({ time }) => [place(time), Date.parse(time)] as const)));
}

/** Growth of every run above, how far below its peak it was beneath. */
export function CurveChart({ curves, hidden, chosen, height, onPoint }: Props) {
  const [element, chart, colours] = useChart();
  const { zone } = useSettings();
  const [drawn, setDrawn] = useState<readonly Lines[]>([]);
  useEffect(() => {
    if (chart === null) return undefined;
    const place = (time: string) => axisTime(time, zone);
    const lines = draw(chart, curves);
    lines.forEach(({ growth, drawdown }, index) => {
      const points = (curves[index]?.points ?? []).map((it) => ({ ...it, time: place(it.time) as UTCTimestamp }));
      growth.setData(points.map(({ time, growth: value }) => ({ time, value })));
      drawdown.setData(points.map(({ time, drawdown: value }) => ({ time, value: value * 100 })));
    });
    const instants = instantsOf(curves, place);
    const follow = ({ time }: MouseEventParams) => onPoint(instants.get(Number(time)) ?? null);
    chart.subscribeCrosshairMove(follow);
    chart.timeScale().fitContent();
    setDrawn(lines);
    return () => {
      chart.unsubscribeCrosshairMove(follow);
      for (const { growth, drawdown } of lines) {
        chart.removeSeries(growth);
        chart.removeSeries(drawdown);
      }
    };
  }, [chart, curves, zone, onPoint]);
  useEffect(() => {
    drawn.forEach(({ growth, drawdown }, index) => {
      const id = curves[index]?.id ?? "";
      const { colour, isDashed } = strokeOf(index, colours);
      const stroke = { color: colour, lineStyle: isDashed ? LineStyle.Dashed : LineStyle.Solid, visible: !hidden.has(id) } as const;
      growth.applyOptions({ ...stroke, lineWidth: id === chosen ? 4 : 2 });
      drawdown.applyOptions({ ...stroke, lineWidth: id === chosen ? 3 : 1 });
    });
  }, [drawn, curves, colours, hidden, chosen]);
  return <div className="chart" style={{ height }} ref={element} role="figure" aria-label="Growth of 1, and drawdown beneath it, of each run" />;
}
