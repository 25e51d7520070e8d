import { type ISeriesApi, LineStyle } from "lightweight-charts";
import { type RefObject, useEffect } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";

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
    return () => {
      if (element.current !== null) for (const line of lines) candles.removePriceLine(line);
    };
  }, [candles, colours, element, entry, stop, target]);
}
