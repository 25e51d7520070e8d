import type { SeriesMarker, UTCTimestamp } from "lightweight-charts";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { axisTime } from "../../components/useChart";
import type { Zone } from "../../settings/settings";
import type { Shape } from "./StructureZones";

const at = (time: string, zone: Zone) => axisTime(time, zone) as UTCTimestamp;

function zones(found: readonly Schemas["Zone"][], label: string, zone: Zone, { up, down }: Palette): Shape[] {
  return found.map((it) => ({
    start: at(it.start, zone),
    end: it.mitigated_at === null ? null : at(it.mitigated_at, zone),
    top: it.top,
    bottom: it.bottom,
    color: it.side === "bullish" ? up : down,
    label,
  }));
}

/** Order blocks, gaps, and lines of structure that were passed. */
export function shapesOf(found: Schemas["Structures"], zone: Zone, colours: Palette): Shape[] {
  const lines = found.breaks.map((it) => ({
    start: at(it.start, zone),
    end: at(it.end, zone),
    top: it.level,
    bottom: it.level,
    color: it.side === "bullish" ? colours.up : colours.down,
    label: it.kind === "bos" ? "BOS" : "CHoCH",
  }));
  return [...zones(found.gaps, "FVG", zone, colours), ...zones(found.order_blocks, "OB", zone, colours), ...lines];
}

/** A dot on every swing. */
export function swingMarks(found: Schemas["Structures"], zone: Zone, color: string): SeriesMarker<UTCTimestamp>[] {
  return found.swings.map((it) => ({
    time: at(it.time, zone),
    position: it.side === "high" ? "aboveBar" : "belowBar",
    shape: "circle",
    size: 0.5,
    color,
  }));
}
