import { type IChartApi, type ISeriesApi, LineSeries, type UTCTimestamp } from "lightweight-charts";
import { type RefObject, useEffect, useState } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import { placesAt } from "../../format/numbers";
import type { Zone } from "../../settings/settings";
import { axisFormat } from "./axisFormat";

type Indicators = Schemas["Indicators"];

/** The colour of each line, by its number; those of gains and losses are the candles'. */
export function lineColour(index: number, { accent, warn, violet, cyan, ...more }: Palette): string {
  const tints = [accent, warn, violet, cyan, more["series-4"], more["series-2"]];
  return tints[index % tints.length] ?? accent;
}

/** Decimal places of each line: those of the prices it lies among, else as its own size needs. */
export const placesOfLines = (found: Indicators | undefined, ofPrices: number): readonly number[] =>
  found?.lines.map(({ pane, values }) => (pane === 0 ? ofPrices : placesAt(values))) ?? [];

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
  places: readonly number[],
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
  const spelled = places.join();
  useEffect(() => {
    for (const [index, series] of drawn.entries()) series.applyOptions({ priceFormat: axisFormat(Number(spelled.split(",")[index] ?? 2)) });
  }, [drawn, spelled]);
  return drawn;
}
