import { useState } from "react";
import { useHistory, useSymbols } from "../api/queries/research";
import { useBot, useFills, usePositions } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Segments } from "../components/Segments";
import { Page } from "../layout/Page";
import { CandleChart } from "./chart/CandleChart";

const INTERVALS = [["1m", "1m"], ["5m", "5m"], ["15m", "15m"], ["1h", "1h"], ["4h", "4h"], ["1d", "1d"]] as const;
type Choice = (typeof INTERVALS)[number][0];

export function Chart() {
  const bot = useBot().data;
  const symbols = useSymbols().data?.symbols.map((it) => it.symbol) ?? [];
  const [chosen, setChosen] = useState("");
  const [interval, setInterval] = useState<Choice | null>(null);
  const symbol = chosen || bot?.symbols[0] || symbols[0] || "";
  const history = useHistory(symbol, interval);
  const fills = (useFills().data?.items ?? []).filter((it) => it.symbol === symbol);
  const position = usePositions().data?.positions.find((it) => it.symbol === symbol);
  const shown = interval ?? INTERVALS.find(([it]) => it === history.data?.interval)?.[0] ?? "1m";
  return (
    <Page
      title="Chart"
      actions={
        <>
          <select aria-label="Market" value={symbol} onChange={(event) => setChosen(event.target.value)} style={{ width: "auto" }}>
            {[...new Set([...(bot?.symbols ?? []), ...symbols])].map((it) => (
              <option key={it}>{it}</option>
            ))}
          </select>
          <Segments label="Timeframe" options={INTERVALS} value={shown} onChange={setInterval} />
        </>
      }
    >
      {symbol === "" ? (
        <Empty title="No market yet">Start a bot, or import bars on the page Data.</Empty>
      ) : (
        <Panel title={`${symbol} ${history.data?.interval ?? ""}`} flush>
          <Answer query={history} height={560}>
            {(bars) => <CandleChart key={symbol} history={bars} fills={fills} position={position} />}
          </Answer>
        </Panel>
      )}
      <p className="credit">
        Charts by <a href="https://www.tradingview.com/">TradingView Lightweight Charts™</a>, copyright © TradingView, Inc.
      </p>
    </Page>
  );
}
