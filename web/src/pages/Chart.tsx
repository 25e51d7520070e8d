import { useState } from "react";
import type { Schemas } from "../api/client";
import { useHistory, useIndicators, useStructures, useSymbols } from "../api/queries/research";
import { useBot, useMarketFills, usePositions } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Segments } from "../components/Segments";
import { Page } from "../layout/Page";
import { CandleChart } from "./chart/CandleChart";
import { secondsOf, timeframesOf } from "./chart/intervals";

const NO_FILLS: readonly Schemas["Fill"][] = [];

function shortest(intervals: readonly string[]): string {
  return [...intervals].sort((a, b) => (secondsOf(a) ?? Infinity) - (secondsOf(b) ?? Infinity))[0] ?? "";
}

export function Chart() {
  const bot = useBot().data;
  const symbols = useSymbols().data?.symbols;
  const markets = symbols ?? [];
  const isKnown = bot !== undefined && symbols !== undefined;
  const [chosen, setChosen] = useState("");
  const [wanted, setWanted] = useState<string | null>(null);
  const [showsIndicators, setShowsIndicators] = useState(true);
  const [showsStructures, setShowsStructures] = useState<boolean | null>(null);
  const symbol = chosen || bot?.symbols[0] || markets[0]?.symbol || "";
  const market = markets.find((it) => it.symbol === symbol);
  const base = market?.is_traded === true ? (bot?.interval ?? "") : shortest(market?.intervals ?? []);
  const interval = wanted ?? (base || null);
  const isTradedOn = market?.is_traded === true && interval === bot?.interval;
  const hasStructures = showsStructures ?? bot?.strategy === "smc";
  const history = useHistory(symbol, interval);
  const indicators = useIndicators(symbol, showsIndicators && isTradedOn);
  const structures = useStructures(symbol, interval, hasStructures);
  const fills = useMarketFills(symbol).data?.items ?? NO_FILLS;
  const position = usePositions().data?.positions.find((it) => it.symbol === symbol);
  return (
    <Page
      title="Chart"
      actions={
        symbol !== "" && <>
          <label className="check" title={isTradedOn ? undefined : "Drawn on the timeframe the bot trades on."}>
            <input
              type="checkbox"
              checked={showsIndicators}
              disabled={!isTradedOn}
              onChange={(event) => setShowsIndicators(event.target.checked)}
            />
            Indicators
          </label>
          <label className="check">
            <input type="checkbox" checked={hasStructures} onChange={(event) => setShowsStructures(event.target.checked)} />
            Structures
          </label>
          <select aria-label="Market" className="narrow" value={symbol} onChange={(event) => setChosen(event.target.value)}>
            {[...new Set([...(bot?.symbols ?? []), ...markets.map((it) => it.symbol)])].map((it) => (
              <option key={it}>{it}</option>
            ))}
          </select>
          <Segments
            label="Timeframe"
            options={timeframesOf(base).map((it) => [it, it] as const)}
            value={interval ?? ""}
            onChange={setWanted}
          />
        </>
      }
    >
      {isKnown && symbol === "" ? (
        <Empty title="No market yet">Start a bot, or import bars on the page Data.</Empty>
      ) : (
        <Panel title={`${symbol} ${history.data?.interval ?? ""}`} flush>
          <div className="chart-tall">
            <Answer query={history}>
              {(bars) => (
                <CandleChart
                  key={symbol}
                  history={bars}
                  fills={fills}
                  position={position}
                  indicators={showsIndicators && isTradedOn ? indicators.data : undefined}
                  structures={hasStructures ? structures.data : undefined}
                />
              )}
            </Answer>
          </div>
        </Panel>
      )}
      <p className="credit">
        Charts by <a href="https://www.tradingview.com/">TradingView Lightweight Charts™</a>, copyright © TradingView, Inc.
      </p>
    </Page>
  );
}
