import type { Schemas } from "../api/client";

export type Mode = "paper" | "live" | "halted" | "none";

/** What the header says in a word and a colour. A halt outranks the mode: nothing trades. */
export function modeOf(bot: Schemas["BotStatus"] | undefined): Mode {
  if (bot === undefined || bot.phase === "absent") return "none";
  if (bot.halted !== "" || bot.state === "halted") return "halted";
  return bot.mode === "" ? "none" : bot.mode;
}

export const MODE_WORDS: Record<Mode, string> = { paper: "PAPER", live: "LIVE", halted: "HALTED", none: "NO BOT" };
