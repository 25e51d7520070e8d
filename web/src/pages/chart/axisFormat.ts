import { fixed } from "../../format/numbers";

/** Figures on an axis of a chart as everywhere else on the page. */
export const axisFormat = (places: number) =>
  ({ type: "custom", formatter: (value: number) => fixed(value, places), minMove: 10 ** -places }) as const;
