/** Numbers as a trader reads them: grouped, fixed places, a real minus sign. `null` is an em dash. */
export const NOTHING = "–";

export type Figure = number | string | null | undefined;

function finite(value: Figure): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** What rounds to nothing bears no sign. */
const minus = (text: string): string => (/[1-9]/.test(text) ? text.replace("-", "\u2212") : text.replace("-", ""));

export function fixed(value: Figure, places = 2): string {
  const number = finite(value);
  if (number === null) return NOTHING;
  return minus(number.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }));
}

/** A price or a quantity with as many places as it needs, eight significant digits at most. */
export function exact(value: Figure): string {
  const number = finite(value);
  if (number === null) return NOTHING;
  return minus(number.toLocaleString("en-US", { maximumSignificantDigits: 8 }));
}

/** An amount of money: two places, and more where it would vanish. */
export function money(value: Figure): string {
  const number = finite(value);
  return number !== null && number !== 0 && Math.abs(number) < 0.005 ? exact(number) : fixed(number);
}

export function signed(value: Figure, places = 2): string {
  const number = finite(value);
  if (number === null) return NOTHING;
  const text = fixed(number, places);
  return number > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A fraction as percent: 0.012 is 1.20 %. */
export function percent(value: Figure, places = 2): string {
  const number = finite(value);
  return number === null ? NOTHING : `${fixed(number * 100, places)} %`;
}

export function signedPercent(value: Figure, places = 2): string {
  const number = finite(value);
  return number === null ? NOTHING : `${signed(number * 100, places)} %`;
}

export function count(value: Figure): string {
  return fixed(value, 0);
}

/** A large number in few digits: 12.3K, 4.56M. */
export function compact(value: Figure): string {
  const number = finite(value);
  return number === null ? NOTHING : minus(number.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 4 }));
}

/** Decimal places that all of the figures need. */
export function placesOf(figures: readonly Figure[], least = 0): number {
  return figures.reduce<number>((most, it) => Math.max(most, (exact(it).split(".")[1] ?? "").length), least);
}

/** Decimal places at which figures of one scale tell apart: two, and more where they are small. */
export function placesAt(figures: readonly Figure[]): number {
  const largest = figures.reduce<number>((most, it) => Math.max(most, Math.abs(finite(it) ?? 0)), 0);
  return largest === 0 ? 2 : Math.min(Math.max(3 - Math.floor(Math.log10(largest)), 2), 10);
}

/** The class that colours a gain or a loss, as far as the places shown tell one; the sign says the same to who sees no colour. */
export function tone(value: Figure, places = 8): "up" | "down" | "" {
  const number = finite(value);
  if (number === null || Number(number.toFixed(places)) === 0) return "";
  return number > 0 ? "up" : "down";
}
