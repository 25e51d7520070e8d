import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { Tag, type Tone } from "../../components/Tag";
import { Time } from "../../components/Time";
import { count, fixed, percent, signedPercent, tone } from "../../format/numbers";

type Backtest = Schemas["Backtest"];

const TONES: Record<Backtest["state"], Tone> = { queued: "plain", running: "accent", done: "up", failed: "down", canceled: "plain" };

export function backtestColumns(chosen: readonly Backtest[], toggle: (run: Backtest) => void): readonly Column<Backtest>[] {
  return [
    {
      title: "Compare",
      cell: (it) => (
        <input type="checkbox" aria-label={`Compare ${it.strategy} on ${it.symbol}`} disabled={it.state !== "done"} checked={chosen.some(({ id }) => id === it.id)} onChange={() => toggle(it)} />
      ),
    },
    { title: "Run", cell: (it) => <Link to="/backtests/$id" params={{ id: it.id }}>{it.strategy}</Link>, sortBy: (it) => it.strategy },
    { title: "Market", cell: (it) => `${it.symbol} ${it.timeframes?.join(" ") ?? ""}`, sortBy: (it) => it.symbol },
    { title: "Asked", cell: (it) => <Time at={it.created} />, sortBy: (it) => it.created },
    {
      title: "State",
      cell: (it) => <Tag tone={TONES[it.state]}>{it.state === "running" ? `running ${percent(it.progress, 0)}` : it.state}</Tag>,
    },
    { title: "Return", cell: (it) => <span className={tone(it.total_return)}>{signedPercent(it.total_return)}</span>, sortBy: (it) => it.total_return ?? 0, isNumber: true },
    { title: "Drawdown", cell: (it) => percent(it.max_drawdown), sortBy: (it) => it.max_drawdown ?? 0, isNumber: true },
    { title: "Sharpe", cell: (it) => fixed(it.sharpe_ratio), sortBy: (it) => it.sharpe_ratio ?? 0, isNumber: true },
    { title: "Trades", cell: (it) => count(it.total_trades), sortBy: (it) => it.total_trades ?? 0, isNumber: true },
    { title: "Won", cell: (it) => percent(it.win_rate, 0), isNumber: true },
  ];
}
