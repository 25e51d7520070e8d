import type { BarData, IChartApi, ISeriesApi, MouseEventParams } from "lightweight-charts";
import { useEffect, useState } from "react";
import type { Schemas } from "../../api/client";
import type { Palette } from "../../components/palette";
import { compact, fixed, NOTHING, signedPercent, tone } from "../../format/numbers";
import { PositionLine } from "./PositionLine";
import { lineColour } from "./useIndicatorLines";

interface Props {
  readonly chart: IChartApi | null;
  readonly candles: ISeriesApi<"Candlestick"> | null;
  readonly volume: ISeriesApi<"Histogram"> | null;
  readonly lines: readonly ISeriesApi<"Line">[];
  readonly indicators: Schemas["Indicators"] | undefined;
  readonly last: Schemas["BarOut"] | undefined;
  readonly position: Schemas["Position"] | undefined;
  readonly places: number;
  readonly linePlaces: readonly number[];
  readonly colours: Palette;
}

interface Figures {
  readonly volume: number | undefined;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly values: readonly (number | undefined)[];
}

const valueOf = (point: object | undefined): number | undefined =>
  point !== undefined && "value" in point && typeof point.value === "number" ? point.value : undefined;

const isBar = (point: object): point is BarData => "open" in point && "close" in point;

function figuresAt(event: MouseEventParams, { candles, volume, lines }: Props): Figures | null {
  const bar = candles === null ? undefined : event.seriesData.get(candles);
  if (bar === undefined || !isBar(bar)) return null;
  const values = lines.map((line) => valueOf(event.seriesData.get(line)));
  const traded = volume === null ? undefined : valueOf(event.seriesData.get(volume));
  return { open: bar.open, high: bar.high, low: bar.low, close: bar.close, volume: traded, values };
}

/** The figures of the bar under the pointer, else of the last one. */
export function ChartLegend(props: Props) {
  const { chart, candles, lines, indicators, last, position, places, linePlaces, colours } = props;
  const [pointed, setPointed] = useState<Figures | null>(null);
  useEffect(() => {
    if (chart === null) return undefined;
    const follow = (event: MouseEventParams) => setPointed(figuresAt(event, props));
    chart.subscribeCrosshairMove(follow);
    return () => chart.unsubscribeCrosshairMove(follow);
  }, [chart, candles, lines]);
  const shown = pointed ?? (last === undefined ? null : { ...last, values: indicators?.lines.map((line) => line.values.at(-1) ?? undefined) ?? [] });
  const change = shown === null ? null : shown.close / shown.open - 1;
  return (
    <div className="legend" aria-hidden="true">
      {(["open", "high", "low", "close"] as const).map((name) => (
        <span key={name}>
          <i>{name.charAt(0).toUpperCase()}</i>
          {fixed(shown?.[name], places)}
        </span>
      ))}
      <span>
        <i>V</i>
        {compact(shown?.volume)}
      </span>
      <span className={tone(change)}>{signedPercent(change)}</span>
      {indicators?.lines.map(({ name }, index) => (
        <span key={name} style={{ color: lineColour(index, colours) }}>
          {name.replaceAll(/[._]/g, " ")} {shown?.values[index] === undefined ? "" : fixed(shown.values[index], linePlaces[index])}
        </span>
      ))}
      {shown === null && NOTHING}
      {position !== undefined && <PositionLine position={position} last={last?.close} places={places} />}
    </div>
  );
}
