import type { SeriesMarker, UTCTimestamp } from "lightweight-charts";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import type { Zone } from "../../settings/settings";

/** Entries and exits, on the bar that was open when the trade was made. */
export function fillMarks(
  bars: readonly Schemas["BarOut"][],
  fills: readonly Schemas["Fill"][],
  zone: Zone,
  { up, down }: Palette,
): SeriesMarker<UTCTimestamp>[] {
  const opens = bars.map((bar) => Date.parse(bar.time));
  const marks: SeriesMarker<UTCTimestamp>[] = [];
  for (const fill of fills) {
    const index = fill.time === null ? -1 : opens.findLastIndex((open) => open <= Date.parse(fill.time ?? ""));
    const bar = bars[index];
    if (bar === undefined) continue;
    const buys = fill.side === "buy";
    marks.push({
      time: axisTime(bar.time, zone) as UTCTimestamp,
      position: buys ? "belowBar" : "aboveBar",
      shape: buys ? "arrowUp" : "arrowDown",
      color: buys ? up : down,
    });
  }
  return marks;
}
