import type { Schemas } from "../../api/client";

export interface Step {
  readonly text: string;
  readonly command?: string;
}

/**
 * How a changed file comes into force. No button does it: the positions of a paper account belong to the configuration
 * that earned them, and real money is traded by exactly the document that a person has approved.
 */
export function stepsTo({ source, changes }: Schemas["ConfigurationShown"], { mode, account }: Schemas["BotStatus"]): Step[] {
  const written = (path: string) => changes.find((it) => it.path === path)?.written;
  const resting = mode === "live" ? " Stops and targets stay at the exchange." : "";
  const end: Step = { text: `End this bot: Ctrl-C where it was started.${resting}` };
  const start: Step = { text: "Start it with the file:", command: `tradebot up ${source}` };
  if ((written("engine.mode") ?? mode) === "live") {
    const approve: Step = { text: "Approve exactly this document; a changed one is never traded for real without:", command: `tradebot live approve ${source}` };
    const held: Step = { text: "Decide on what is open: Flatten closes it, else the new run takes futures as the exchange holds them and halts over coins." };
    return mode === "live" ? [approve, held, end, start] : [approve, end, start];
  }
  if (written("engine.account") !== undefined) {
    return [end, { ...start, text: "Start it with the file; it has an account of its own and begins flat:" }];
  }
  return [
    end,
    { text: "Set the record of the paper account aside, with its positions; or give the file an engine.account of its own:", command: `tradebot paper reset --account ${account}` },
    start,
  ];
}
