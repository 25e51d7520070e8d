/** Colours of the stylesheet for what draws on a canvas. */
const NAMES = ["panel", "line", "text", "quiet", "accent", "up", "down", "warn", "violet", "cyan", "series-1", "series-2", "series-3", "series-4"] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Palette;
}
