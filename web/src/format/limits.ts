import type { Schemas } from "../api/client";
import { count, fixed, percent } from "./numbers";

type Limit = Schemas["RiskLimit"];

const SHOW = { count, fraction: (value: number) => percent(value, 1), money: (value: number) => fixed(value) };

/** What each limit bounds, and what it does. */
const WORDS: Readonly<Record<string, readonly [name: string, meaning: string]>> = {
  max_positions: ["Positions", "Positions held at once. At the limit no other is opened."],
  max_exposure: ["Exposure", "Value of all positions beside equity. Above the limit entries are cut or refused."],
  max_drawdown: ["Drawdown", "Equity below its peak. At the limit the bot halts."],
  max_daily_trades: ["Entries today", "Entries since the UTC day began. At the limit no other goes out."],
  max_daily_loss: ["Loss today", "Equity lost since the UTC day began. At the limit entries end for the day."],
};

export const limitName = ({ name }: Limit): string => WORDS[name]?.[0] ?? name.replaceAll("_", " ");

export const limitMeaning = ({ name }: Limit): string => WORDS[name]?.[1] ?? "";

export const limitFigure = ({ unit }: Limit, value: number | null): string => (value === null ? "\u2013" : SHOW[unit](value));
