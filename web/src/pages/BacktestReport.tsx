import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useBacktest, useBacktestEquity, useBacktestTrades, useCancelBacktest, useFigures } from "../api/queries/research";
import type { Schemas } from "../api/client";
import { Answer } from "../components/Answer";
import { EquityChart, type EquityPoint } from "../components/EquityChart";
import { Panel } from "../components/Panel";
import { Prose } from "../components/Prose";
import { Stat } from "../components/Stat";
import { count, fixed, percent, signedPercent, tone } from "../format/numbers";
import { Page } from "../layout/Page";
import { Assumed } from "./backtests/Assumed";
import { Figures } from "./backtests/Figures";
import { HeatMap } from "./backtests/HeatMap";
import { SideTable } from "./backtests/SideTable";
import { TradeTable } from "./backtests/TradeTable";
import { VerifyTable } from "./backtests/VerifyTable";

const HEIGHT = 320;

function pointsOf(curve: Schemas["EquityCurve"]): EquityPoint[] {
  return curve.time.map((time, index) => ({ time, equity: curve.equity[index] ?? 0, drawdown: curve.drawdown[index] ?? 0 }));
}

const sideOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

function Report({ run }: { readonly run: Schemas["BacktestDetail"] }) {
  const isDone = run.state === "done";
  const equity = useBacktestEquity(run.id, isDone);
  const trades = useBacktestTrades(run.id, isDone);
  const definitions = useFigures().data ?? [];
  if (run.state === "failed") return (
      <div className="notice row" data-tone="down" role="alert">
        <span>
          <Prose>{run.error}</Prose>
        </span>
        <Link to="/backtests" search={{ strategy: run.strategy }} className="button">Back to the form</Link>
      </div>
    );
  if (run.state === "canceled") return <p className="notice">It was canceled before it ended.</p>;
  if (!isDone) {
    return (
      <Panel title={run.state === "queued" ? "Waits for a worker" : `Running, ${percent(run.progress, 0)}`}>
        <div className="bar" role="progressbar" aria-label="Progress" aria-valuenow={Math.round(run.progress * 100)}>
          <i style={{ width: `${run.progress * 100}%` }} />
        </div>
      </Panel>
    );
  }
  const { trades: all, long, short, ...plain } = run.statistics ?? {};
  return (
    <>
      <div className="panel">
        <dl className="stats">
          <Stat label="Return" value={signedPercent(run.total_return)} tone={tone(run.total_return)} />
          <Stat label="Final balance" value={fixed(run.final_balance)} />
          <Stat label="Greatest drawdown" value={percent(run.max_drawdown)} />
          <Stat label="Sharpe ratio" value={fixed(run.sharpe_ratio)} />
          <Stat label="Trades" value={count(run.total_trades)} note={run.win_rate == null ? "" : `${percent(run.win_rate, 0)} won`} />
        </dl>
      </div>
      <Panel title="Equity and drawdown" flush>
        <Answer query={equity} height={HEIGHT}>
          {(curve) => <EquityChart points={pointsOf(curve)} height={HEIGHT} />}
        </Answer>
      </Panel>
      <HeatMap run={run} />
      <VerifyTable run={run} />
      <div className="grid">
        <Panel title="Figures" className="span-4">
          <Figures definitions={definitions} values={plain} />
        </Panel>
        <Panel title="Trades by side" className="span-4" flush>
          <SideTable definitions={definitions} all={sideOf(all)} long={sideOf(long)} short={sideOf(short)} />
        </Panel>
        <Panel title="How it was simulated" className="span-4">
          <Assumed run={run} />
        </Panel>
      </div>
      <Panel title="Trades" flush>
        <Answer query={trades} height={240}>
          {(table) => <TradeTable table={table} />}
        </Answer>
      </Panel>
    </>
  );
}

export function BacktestReport() {
  const { id } = useParams({ from: "/backtests/$id" });
  const run = useBacktest(id);
  const cancel = useCancelBacktest();
  const navigate = useNavigate();
  const title = run.data === undefined ? "Backtest" : `${run.data.strategy} on ${run.data.symbol}`;
  const isOver = run.data !== undefined && run.data.state !== "queued" && run.data.state !== "running";
  return (
    <Page
      title={title}
      actions={
        isOver ? (
          run.data?.state === "done" && <a className="button" href={`/api/v1/backtests/${id}/report`} target="_blank" rel="noreferrer">Whole report</a>
        ) : (
          <button type="button" className="button" onClick={() => cancel.mutate(id, { onSuccess: () => navigate({ to: "/backtests" }) })}>
            Cancel
          </button>
        )
      }
    >
      <Answer query={run} height={600}>
        {(detail) => <Report run={detail} />}
      </Answer>
    </Page>
  );
}
