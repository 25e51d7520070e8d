/** The server runs without a bot. */
export function NoBot() {
  return (
    <p className="notice">
      No bot is served here. <code>tradebot up CONFIG</code> starts one with this dashboard; backtests, strategies and
      data work without it.
    </p>
  );
}
