import type { Schemas } from "../api/client";
import { useSession } from "../api/queries/system";
import { useBot } from "../api/queries/trading";
import { useStreamState } from "../api/streaming";
import { fixed, NOTHING, signed, tone } from "../format/numbers";
import { span, toMs } from "../format/times";
import { Gauge } from "./Gauge";
import { MODE_WORDS, modeOf } from "./mode";
import { useLost } from "./useLost";
import { useNow } from "./useNow";
import { VerbButton } from "./VerbButton";
import { VERBS } from "./verbs";

type Bot = Schemas["BotStatus"];

function ageOf(at: string | null | undefined, now: number): number | null {
  const ms = toMs(at);
  return ms === null ? null : Math.max((now - ms) / 1000, 0);
}

function dayOf(bot: Bot): string {
  const limit = bot.day_loss_limit == null ? "no limit" : `limit \u2212${fixed(bot.day_loss_limit, 0)}`;
  return bot.day_pnl == null ? NOTHING : `${signed(bot.day_pnl)} / ${limit}`;
}

function dataOf(bot: Bot): { word: string; tone: string } {
  const stale = (bot.markets ?? []).filter((market) => !market.is_fresh).length;
  return stale === 0 ? { word: span(bot.data_age_s), tone: "" } : { word: `${stale} stale`, tone: "down" };
}

const OLD_S = 60;

const ageTone = (seconds: number | null | undefined): string => (seconds != null && seconds > OLD_S ? "down" : "");

/** On every page: what trades, whether what is seen is fresh, and the verbs that stop it. */
export function Header() {
  const { data: bot } = useBot();
  const link = useStreamState();
  const lost = useLost();
  const now = useNow();
  const isViewer = useSession().data?.role === "viewer";
  const mode = modeOf(bot);
  const runs = bot?.phase === "running";
  const data = bot === undefined || !runs ? { word: NOTHING, tone: "" } : dataOf(bot);
  const seen = ageOf(bot?.taken, now);
  return (
    <header className="header" data-state={mode}>
      <span className="mode" data-mode={mode} role="status">
        {MODE_WORDS[mode]}
      </span>
      <div className="account">
        <strong>{bot?.account || "no account"}</strong>
        {lost !== null ? (
          <span className="down">server lost</span>
        ) : (
          <span>{bot === undefined ? NOTHING : bot.stand_in ? `on paper: ${bot.stand_in}` : bot.state || (bot.phase === "absent" ? "nothing trades" : bot.phase)}</span>
        )}
        {isViewer && (
          <span className="role" title="Viewers may look, not act. Log in as operator.">
            viewer
          </span>
        )}
      </div>
      <dl className="gauges" tabIndex={0} aria-label="State of the account">
        <Gauge label="Equity" value={fixed(bot?.equity)} wide />
        <Gauge
          label="Today (UTC)"
          value={bot === undefined ? NOTHING : dayOf(bot)}
          tone={tone(bot?.day_pnl, 2)}
          hint="Change of equity since the UTC day began, beside the daily loss limit"
          wide
        />
        <Gauge label="Data" value={data.word} tone={data.tone} hint={bot?.feed_fault || "Since the bot heard of its markets"} />
        <Gauge
          label="Broker"
          value={runs ? span(bot.broker_age_s) : NOTHING}
          tone={bot?.broker_fault ? "down" : ageTone(bot?.broker_age_s)}
          hint={bot?.broker_fault || "Since the bot heard of its broker"}
        />
        <Gauge
          label="Journal"
          value={runs ? span(bot.journal_age_s) : NOTHING}
          hint="Since the record was brought to the disk"
        />
        <Gauge
          label="Clock"
          value={runs && bot.clock_skew_ms != null ? `${signed(bot.clock_skew_ms, 0)} ms` : NOTHING}
          tone={bot?.clock_is_off ? "down" : ""}
          hint="The venue's clock less this machine's; nothing to compare with a simulated venue"
        />
        <Gauge
          label="Bot seen"
          value={runs ? span(seen) : NOTHING}
          tone={runs && seen !== null && seen > 5 ? "down" : ""}
          hint="Age of the bot's last look at broker, books and journal"
        />
        <Gauge
          label="Server"
          value={lost !== null ? `lost ${span((now - lost) / 1000)}` : link === "open" ? "connected" : "connecting"}
          tone={lost !== null ? "down" : ""}
          hint="The connection of this page to the server"
          wide
        />
      </dl>
      {bot === undefined && <div className="verbs" />}
      {bot !== undefined && bot.phase !== "absent" && (
        <div className="verbs">
          <VerbButton
            verb={bot.state === "paused" ? VERBS.resume : VERBS.pause}
            account={bot.account}
            isPossible={runs && mode !== "halted"}
          />
          <VerbButton verb={VERBS.cancel} account={bot.account} isPossible={runs} />
          <VerbButton verb={VERBS.flatten} account={bot.account} isPossible={runs} />
          <VerbButton verb={mode === "halted" ? VERBS.release : VERBS.halt} account={bot.account} isPossible />
        </div>
      )}
    </header>
  );
}
