/** What an operator can tell the bot, and what each will do: said before it is done. */
import type { BotAction } from "../api/queries/trading";

export interface Verb {
  readonly action: BotAction;
  readonly label: string;
  readonly kind: "" | "danger" | "halt" | "primary";
  readonly effects: readonly string[];
}

export const VERBS = {
  pause: {
    action: "pause",
    label: "Pause entries",
    kind: "",
    effects: ["No new position is opened.", "Working orders stay; stops, targets and exits go on.", "Resume ends it."],
  },
  resume: {
    action: "resume",
    label: "Resume entries",
    kind: "primary",
    effects: ["The strategy may open positions again, under the same limits as before."],
  },
  cancel: {
    action: "cancel-entries",
    label: "Cancel entries",
    kind: "",
    effects: [
      "Every working order that would open a position is taken back.",
      "Stops and targets of what is held stay at the venue.",
      "The strategy may enter again at its next signal.",
    ],
  },
  flatten: {
    action: "flatten",
    label: "Flatten",
    kind: "danger",
    effects: [
      "Every working order is taken back, stops and targets too.",
      "Every position is closed at the market.",
      "The bot is halted until a person releases it.",
    ],
  },
  halt: {
    action: "halt",
    label: "HALT",
    kind: "halt",
    effects: [
      "Every working entry is taken back, and nothing new is opened.",
      "Positions are kept, with their stops and targets at the venue.",
      "It holds over restarts until a person releases it.",
    ],
  },
  release: {
    action: "release",
    label: "Release",
    kind: "primary",
    effects: ["The halt ends.", "The strategy may open positions again."],
  },
  reopen: {
    action: "release",
    label: "Release",
    kind: "primary",
    effects: ["The markets that are closed to entries take them again.", "The books stay as they are."],
  },
  start: {
    action: "start",
    label: "Start the bot",
    kind: "primary",
    effects: ["The bot starts with the configuration that was read when the server began.", "What is open is held against the venue's account first."],
  },
} as const satisfies Record<string, Verb>;
