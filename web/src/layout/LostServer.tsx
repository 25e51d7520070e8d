import { Time } from "../components/Time";
import { span } from "../format/times";
import { useLost } from "./useLost";
import { useNow } from "./useNow";

/** Over the foot of every page while the server is away: how old it all is, and what can be done without it. */
export function LostServer() {
  const lost = useLost();
  const now = useNow();
  if (lost === null) return null;
  return (
    <div className="lost" role="alert">
      <p>
        <strong>The server has not answered for {span((now - lost) / 1000)}.</strong> What is shown is of <Time at={new Date(lost).toISOString()} clock />; the
        bot may trade on or have ended, and exits that rest at a venue stay there.
      </p>
      <p>
        This page asks again by itself. <code>tradebot status</code> and <code>tradebot halt</code>, on the bot's machine, need no server.
      </p>
    </div>
  );
}
