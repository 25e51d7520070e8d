import { createSeriesMarkers, type ISeriesMarkersPluginApi, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import { useChart } from "../../components/useChart";
import { placesOf } from "../../format/numbers";
import { useSettings } from "../../settings/settings";
import { ChartLegend } from "./ChartLegend";
import { fillMarks } from "./fillMarks";
import { StructureZones } from "./StructureZones";
import { shapesOf, swingMarks } from "./shapes";
import { useCandles } from "./useCandles";
import { placesOfLines, useIndicatorLines } from "./useIndicatorLines";
import { useLevels } from "./useLevels";
import { useLiveBars } from "./useLiveBars";

interface Props {
  readonly history: Schemas["History"];
  readonly fills: readonly Schemas["Fill"][];
  readonly position: Schemas["Position"] | undefined;
  readonly indicators: Schemas["Indicators"] | undefined;
  readonly structures: Schemas["Structures"] | undefined;
}

/** Candles with the strategy's indicators and structures, entries and exits, and what rests for the position. */
export function CandleChart({ history, fills, position, indicators, structures }: Props) {
  const [element, chart, colours] = useChart();
  const { zone } = useSettings();
  const places = useMemo(() => placesOf(history.bars.map((bar) => bar.close), 2), [history]);
  const bars = useLiveBars(history);
  const { candles, volume } = useCandles(chart, history, bars, places, zone, colours);
  const linePlaces = useMemo(() => placesOfLines(indicators, places), [indicators, places]);
  const lines = useIndicatorLines(chart, element, indicators, linePlaces, zone, colours);
  useLevels(candles, element, position, colours);
  const marks = useMemo(
    () =>
      [
        ...fillMarks(bars, fills, zone, colours),
        ...(structures === undefined ? [] : swingMarks(structures, zone, colours.quiet)),
      ].sort((a, b) => a.time - b.time),
    [bars, fills, structures, zone, colours],
  );
  const [markers, setMarkers] = useState<ISeriesMarkersPluginApi<UTCTimestamp> | null>(null);
  useEffect(() => setMarkers(candles === null ? null : (createSeriesMarkers(candles, [], { zOrder: "top" }) as ISeriesMarkersPluginApi<UTCTimestamp>)), [candles]);
  useEffect(() => markers?.setMarkers(marks), [markers, marks]);
  useEffect(() => {
    if (candles === null || structures === undefined) return undefined;
    const zones = new StructureZones();
    candles.attachPrimitive(zones);
    zones.show(shapesOf(structures, zone, colours));
    return () => {
      if (element.current !== null) candles.detachPrimitive(zones);
    };
  }, [candles, structures, zone, colours, element]);
  return (
    <div className="chart chart-tall">
      <ChartLegend
        chart={chart}
        candles={candles}
        volume={volume}
        lines={lines}
        indicators={indicators}
        last={bars.at(-1)}
        position={position}
        places={places}
        linePlaces={linePlaces}
        colours={colours}
      />
      <div className="chart-canvas" ref={element} role="figure" aria-label={`Candles of ${history.symbol}, ${history.interval}`} />
    </div>
  );
}
