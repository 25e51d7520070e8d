import { createChart, type IChartApi } from "lightweight-charts";
import { useEffect, useRef, useState } from "react";
import { toMs } from "../format/times";
import { useSettings, type Zone } from "../settings/settings";
import { type Palette, palette } from "./palette";

/** Seconds for the axis. The library draws UTC alone, so a local time is shifted by its offset. */
export function axisTime(at: string, zone: Zone): number {
  const ms = toMs(at) ?? 0;
  const shift = zone === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60;
  return Math.floor(ms / 1000) - shift;
}

/** A chart that fills an element and wears the theme. */
export function useChart(): [React.RefObject<HTMLDivElement | null>, IChartApi | null, Palette] {
  const element = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<IChartApi | null>(null);
  const { theme } = useSettings();
  const [colours, setColours] = useState(palette);
  useEffect(() => {
    if (element.current === null) return undefined;
    const made = createChart(element.current, {
      autoSize: true,
      layout: { fontFamily: "Inter Variable, system-ui, sans-serif", fontSize: 11, background: { color: "transparent" } },
      // So narrow that thousands of points fit a phone.
      timeScale: { timeVisible: true, secondsVisible: false, minBarSpacing: 0.02 },
      handleScroll: { vertTouchDrag: false },
    });
    setChart(made);
    return () => made.remove();
  }, []);
  useEffect(() => {
    const now = palette();
    setColours(now);
    chart?.applyOptions({
      layout: { textColor: now.quiet, panes: { separatorColor: now.line } },
      grid: { vertLines: { color: now.line }, horzLines: { color: now.line } },
      rightPriceScale: { borderColor: now.line },
      timeScale: { borderColor: now.line },
    });
  }, [chart, theme]);
  return [element, chart, colours];
}
