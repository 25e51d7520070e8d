/** Instants and spans. The API tells instants as ISO 8601 in UTC or as int64 nanoseconds; both are read here. */
import type { Zone } from "../settings/settings";
import { NOTHING } from "./numbers";

export type Instant = string | number | null | undefined;

const NS_PER_MS = 1e6;

/** Milliseconds since the epoch, or `null`. Numbers are nanoseconds. */
export function toMs(instant: Instant): number | null {
  if (instant === null || instant === undefined || instant === "") return null;
  const ms = typeof instant === "number" ? instant / NS_PER_MS : Date.parse(instant);
  return Number.isFinite(ms) ? ms : null;
}

const two = (value: number): string => String(value).padStart(2, "0");

export function dateOf(instant: Instant, zone: Zone): string {
  const ms = toMs(instant);
  if (ms === null) return NOTHING;
  const day = new Date(ms);
  return zone === "utc"
    ? `${day.getUTCFullYear()}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`
    : `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

export function clockOf(instant: Instant, zone: Zone): string {
  const ms = toMs(instant);
  if (ms === null) return NOTHING;
  const day = new Date(ms);
  return zone === "utc"
    ? `${two(day.getUTCHours())}:${two(day.getUTCMinutes())}:${two(day.getUTCSeconds())}`
    : `${two(day.getHours())}:${two(day.getMinutes())}:${two(day.getSeconds())}`;
}

/** A span in the unit that fits: 0.4 s, 12 s, 3 min, 5 h, 2 d. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NOTHING;
  const size = Math.abs(seconds);
  if (size < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (size < 9.95) return `${seconds.toFixed(1)} s`;
  if (size < 120) return `${Math.round(seconds)} s`;
  if (size < 7200) return `${Math.round(seconds / 60)} min`;
  if (size < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
