import type {
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
  UTCTimestamp,
} from "lightweight-charts";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

/** A rectangle in time and price; where both prices are one it is a line. */
export interface Shape {
  readonly start: UTCTimestamp;
  /** `null` reaches up to now. */
  readonly end: UTCTimestamp | null;
  readonly top: number;
  readonly bottom: number;
  readonly color: string;
  readonly label: string;
}

const OPAQUE = "1f";
const BORDER = "8c";
const LABEL_ROOM = 34;

/** Draws order blocks, gaps and passed lines behind the candles. */
export class StructureZones implements ISeriesPrimitive<Time>, IPrimitivePaneView, IPrimitivePaneRenderer {
  #chart: IChartApi | null = null;
  #series: ISeriesApi<"Candlestick"> | null = null;
  #redraw: (() => void) | null = null;
  #shapes: readonly Shape[] = [];

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart as IChartApi;
    this.#series = series as ISeriesApi<"Candlestick">;
    this.#redraw = requestUpdate;
  }

  detached(): void {
    this.#chart = this.#series = this.#redraw = null;
  }

  show(shapes: readonly Shape[]): void {
    this.#shapes = shapes;
    this.#redraw?.();
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [this];
  }

  zOrder(): "bottom" {
    return "bottom";
  }

  renderer(): IPrimitivePaneRenderer {
    return this;
  }

  draw(target: Target): void {
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.font = "10px Inter Variable, system-ui, sans-serif";
      context.textBaseline = "bottom";
      for (const shape of this.#shapes) this.#drawOne(context, shape, mediaSize.width);
    });
  }

  #drawOne(context: CanvasRenderingContext2D, shape: Shape, width: number): void {
    const left = this.#across(shape.start);
    const right = shape.end === null ? width : this.#across(shape.end);
    const top = this.#series?.priceToCoordinate(shape.top) ?? null;
    const bottom = this.#series?.priceToCoordinate(shape.bottom) ?? null;
    if (left === null || right === null || top === null || bottom === null || right < 0 || left > width) return;
    context.strokeStyle = shape.color + BORDER;
    context.fillStyle = shape.color + OPAQUE;
    if (shape.top === shape.bottom) {
      context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(left, Math.round(top) + 0.5);
      context.lineTo(right, Math.round(top) + 0.5);
      context.stroke();
      context.setLineDash([]);
    } else {
      context.fillRect(left, top, right - left, Math.max(bottom - top, 1));
    }
    if (Math.min(right, width) - Math.max(left, 0) < LABEL_ROOM) return;
    context.fillStyle = shape.color;
    context.fillText(shape.label, Math.max(left, 0) + 3, top - 1);
  }

  #across(time: UTCTimestamp): number | null {
    const scale = this.#chart?.timeScale();
    const index = scale?.timeToIndex(time, true) ?? null;
    return index === null || scale === undefined ? null : scale.logicalToCoordinate(index as number as Logical);
  }
}
