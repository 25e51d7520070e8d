import { useBot } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { Page } from "../layout/Page";
import { AccountStats } from "./home/AccountStats";
import { Inbox } from "./home/Inbox";
import { LatestFills } from "./home/LatestFills";
import { LatestSignals } from "./home/LatestSignals";
import { LiveEquity } from "./home/LiveEquity";
import { OpenOrders } from "./home/OpenOrders";
import { Positions } from "./home/Positions";
import { SimulationReset } from "./home/SimulationReset";
import { StartBot } from "./home/StartBot";
import { NoBot } from "./NoBot";

/** Is it alive, is it flat or right, what did it do today, is anything abnormal. */
export function Home() {
  const bot = useBot();
  return (
    <Page title="Home" actions={bot.data?.mode === "paper" && <SimulationReset account={bot.data.account} />}>
      <Answer query={bot} height={600}>
        {(status) => status.phase === "absent" && status.account === "" ? (
          <NoBot />
        ) : (
          <>
            {status.phase === "absent" && <NoBot />}
            {(status.phase === "stopped" || status.phase === "failed") && <StartBot bot={status} />}
            {status.halted !== "" && (
              <p className="notice" data-tone="down" role="status">
                Halted: {status.halted}. Release, above, lets it trade again.
              </p>
            )}
            {status.stand_in && (
              <p className="notice" data-tone="warn" role="status">
                The broker is lost. Account {status.stand_in} trades ON PAPER in its place; nothing trades for real until this bot is released.
              </p>
            )}
            <AccountStats bot={status} />
            <div className="grid">
              <LiveEquity bot={status} />
              <Inbox bot={status} />
              <Positions />
              <OpenOrders />
              <LatestSignals />
              <LatestFills />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}
