import type { Schemas } from "../../api/client";
import { Prose } from "../../components/Prose";
import { VerbButton } from "../../layout/VerbButton";
import { VERBS } from "../../layout/verbs";

export function StartBot({ bot }: { readonly bot: Schemas["BotStatus"] }) {
  const hasFailed = bot.phase === "failed";
  return (
    <div className="notice row" data-tone={hasFailed ? "down" : "warn"} role="status">
      <span><Prose>{hasFailed ? `The bot failed: ${bot.error}` : "The bot is stopped."}</Prose></span>
      {hasFailed && bot.mode === "paper" && <span>Reset simulation, above, sets its record aside and starts it anew.</span>}
      <VerbButton verb={VERBS.start} account={bot.account} isPossible />
    </div>
  );
}
