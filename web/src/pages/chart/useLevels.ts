import { type AutoscaleInfo, type ISeriesApi, LineStyle } from "lightweight-charts";
import { type RefObject, useEffect } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";

/** How many times as high as the candles in sight the chart may become for a level to be in sight as well. */
const MOST_STRETCH = 3;

/** The range of the candles, and every level that does not make them too small to read. */
function withLevels(info: AutoscaleInfo | null, levels: readonly number[]): AutoscaleInfo | null {
  const range = info?.priceRange;
  if (info === null || !range) return info;
  const most = (range.maxValue - range.minValue) * MOST_STRETCH;
  let { minValue, maxValue } = range;
  for (const level of levels) {
    const [low, high] = [Math.min(minValue, level), Math.max(maxValue, level)];
    if (high - low <= most) [minValue, maxValue] = [low, high];
  }
  return { ...info, priceRange: { minValue, maxValue } };
}

/** The entry of a position, and the stop and the target that rest for it. */
export function useLevels(
  candles: ISeriesApi<"Candlestick"> | null,
  element: RefObject<HTMLDivElement | null>,
  position: Schemas["Position"] | undefined,
  colours: Palette,
): void {
  const entry = position?.entry_price ?? null;
  const stop = position?.stop_price ?? null;
  const target = position?.target_price ?? null;
  useEffect(() => {
    if (candles === null) return undefined;
    const levels = [
      [entry, "entry", colours.accent],
      [stop, "stop", colours.down],
      [target, "target", colours.up],
    ] as const;
    const lines = levels.flatMap(([price, title, color]) =>
      price === null ? [] : [candles.createPriceLine({ price, title, color, lineStyle: LineStyle.Dashed, lineWidth: 1 })],
    );
    const prices = [stop, target, entry].filter((price) => price !== null);
    candles.applyOptions({ autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => withLevels(original(), prices) });
    return () => {
      if (element.current !== null) for (const line of lines) candles.removePriceLine(line);
    };
  }, [candles, colours, element, entry, stop, target]);
}
