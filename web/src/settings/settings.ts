/** What a person has chosen for this browser; kept in its storage, told to all that listen. */
import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";
export type Zone = "local" | "utc";

export interface Settings {
  readonly theme: Theme;
  readonly zone: Zone;
}

// public/theme.js reads the same key before the first paint.
const KEY = "tradebot.settings";

const listeners = new Set<() => void>();
let current: Settings = { theme: rootTheme(), zone: storedZone() };

function rootTheme(): Theme {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

function storedZone(): Zone {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null && "zone" in kept && kept.zone === "utc" ? "utc" : "local";
  } catch {
    return "local";
  }
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  document.documentElement.dataset.theme = current.theme;
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Where the browser keeps nothing, the choice lasts as long as the page.
  }
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, () => current);
}
