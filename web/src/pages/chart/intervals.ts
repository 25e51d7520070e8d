const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const USUAL = ["1m", "5m", "15m", "1h", "4h", "1d"];

/** Length in seconds, or `null` for months and what is no interval. */
export function secondsOf(interval: string): number | null {
  const found = /^(\d+)([smhdw])$/.exec(interval);
  const unit = SECONDS[found?.[2] ?? ""];
  return found === null || unit === undefined ? null : Number(found[1]) * unit;
}

/** Timeframes that bars of the shortest one can fill, it among them. */
export function timeframesOf(shortest: string): string[] {
  const base = secondsOf(shortest);
  if (base === null) return shortest === "" ? USUAL : [shortest];
  const longer = USUAL.filter((it) => (secondsOf(it) ?? 0) > base && (secondsOf(it) ?? 0) % base === 0);
  return [shortest, ...longer];
}
