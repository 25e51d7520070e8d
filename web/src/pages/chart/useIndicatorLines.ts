import { type IChartApi, type ISeriesApi, LineSeries, type UTCTimestamp } from "lightweight-charts";
import { type RefObject, useEffect, useState } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import type { Zone } from "../../settings/settings";

type Indicators = Schemas["Indicators"];

/** The colour of each line, by its number. */
export function lineColour(index: number, { accent, warn, violet, cyan, up, down }: Palette): string {
  const tints = [accent, warn, violet, cyan, up, down];
  return tints[index % tints.length] ?? accent;
}

function addLine(chart: IChartApi, pane: number, color: string): ISeriesApi<"Line"> {
  const isBelow = pane > 0;
  return chart.addSeries(
    LineSeries,
    { color, lineWidth: 1, priceLineVisible: false, lastValueVisible: isBelow, crosshairMarkerVisible: false },
    pane,
  );
}

/** Draws a strategy's indicators, on the prices or in panes below; gives their series in the order of the lines. */
export function useIndicatorLines(
  chart: IChartApi | null,
  element: RefObject<HTMLDivElement | null>,
  found: Indicators | undefined,
  zone: Zone,
  colours: Palette,
): readonly ISeriesApi<"Line">[] {
  const [drawn, setDrawn] = useState<readonly ISeriesApi<"Line">[]>([]);
  const panes = found?.lines.map((line) => line.pane).join() ?? "";
  useEffect(() => {
    if (chart === null || panes === "") return undefined;
    const made = panes.split(",").map((pane, index) => addLine(chart, Number(pane), lineColour(index, colours)));
    for (const [index, pane] of chart.panes().entries()) pane.setStretchFactor(index === 0 ? 4 : 1);
    setDrawn(made);
    return () => {
      setDrawn([]);
      // On unmount the chart has gone first, its series with it.
      if (element.current !== null) for (const series of made) chart.removeSeries(series);
    };
  }, [chart, element, panes, colours]);
  useEffect(() => {
    if (found === undefined) return;
    const times = found.time.map((time) => axisTime(time, zone) as UTCTimestamp);
    for (const [index, series] of drawn.entries()) {
      const values = found.lines[index]?.values ?? [];
      series.setData(
        times.map((time, row) => {
          const value = values[row];
          return value == null ? { time } : { time, value };
        }),
      );
    }
  }, [drawn, found, zone]);
  return drawn;
}
