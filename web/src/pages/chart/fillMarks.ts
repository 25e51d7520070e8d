import type { SeriesMarker, UTCTimestamp } from "lightweight-charts";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import { signed } from "../../format/numbers";
import type { Zone } from "../../settings/settings";

/** Index of the bar that was open at an instant, by halving; -1 before the first. */
function openAt(bars: readonly Schemas["BarOut"][], ms: number): number {
  let [low, high] = [-1, bars.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Date.parse(bars[middle]?.time ?? "") <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Entries and exits, on the bar that was open when the trade was made; an exit in the colour of the profit it took, before fees. */
export function fillMarks(
  bars: readonly Schemas["BarOut"][],
  fills: readonly Schemas["Fill"][],
  zone: Zone,
  { up, down }: Palette,
): SeriesMarker<UTCTimestamp>[] {
  const marks: SeriesMarker<UTCTimestamp>[] = [];
  for (const fill of fills) {
    const bar = bars[fill.time === null ? -1 : openAt(bars, Date.parse(fill.time))];
    if (bar === undefined) continue;
    const buys = fill.side === "buy";
    marks.push({
      time: axisTime(bar.time, zone) as UTCTimestamp,
      position: buys ? "belowBar" : "aboveBar",
      shape: buys ? "arrowUp" : "arrowDown",
      ...(Number(fill.realized) === 0
        ? { color: buys ? up : down }
        : { color: Number(fill.realized) > 0 ? up : down, text: signed(fill.realized) }),
    });
  }
  return marks;
}
