import { Link } from "@tanstack/react-router";

/** The server runs without a bot. */
export function NoBot() {
  return (
    <p className="notice">
      No bot is served here. <code>tradebot up CONFIG</code> starts one with this dashboard; <Link to="/backtests">backtests</Link>,{" "}
      <Link to="/strategies">strategies</Link> and <Link to="/data">data</Link> work without it.
    </p>
  );
}
