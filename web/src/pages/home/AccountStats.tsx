import type { Schemas } from "../../api/client";
import { Stat } from "../../components/Stat";
import { count, fixed, percent, signed, signedPercent, tone } from "../../format/numbers";

export function AccountStats({ bot }: { readonly bot: Schemas["BotStatus"] }) {
  const made = bot.performance ?? {};
  const exposure = bot.equity && bot.gross_notional != null ? bot.gross_notional / bot.equity : null;
  return (
    <div className="panel">
      <dl className="stats">
        <Stat label="Equity" value={fixed(bot.equity)} />
        <Stat label="Return" value={signedPercent(made.return)} tone={tone(made.return)} />
        <Stat label="Realized, after fees" value={signed(bot.realized_pnl)} tone={tone(bot.realized_pnl)} />
        <Stat label="Fees paid" value={fixed(bot.fees)} />
        <Stat label="Cash" value={fixed(bot.cash)} />
        <Stat label="Exposure" value={percent(exposure, 1)} note="of equity" />
        <Stat label="Positions" value={count(bot.positions)} note={bot.open_orders === 1 ? "1 order" : `${count(bot.open_orders)} orders`} />
        <Stat label="Trades" value={count(made.trades)} note={made.win_rate == null ? "" : `${percent(made.win_rate, 0)} won`} />
      </dl>
    </div>
  );
}
