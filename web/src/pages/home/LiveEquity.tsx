import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import { useEquity } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { Empty } from "../../components/Empty";
import { EquityChart, type EquityPoint } from "../../components/EquityChart";
import { Panel } from "../../components/Panel";
import { useBand } from "./useBand";

const HEIGHT = 280;

/** Oldest first, one point an instant, with the distance from the peak of what is shown. */
function curveOf(points: readonly Schemas["EquityPoint"][]): EquityPoint[] {
  const byTime = new Map<string, number>();
  for (const point of points.toReversed()) if (point.time !== null) byTime.set(point.time, Number(point.equity));
  let peak = 0;
  return [...byTime]
    .sort(([a], [b]) => Date.parse(a) - Date.parse(b))
    .map(([time, equity]) => {
      peak = Math.max(peak, equity);
      return { time, equity, drawdown: peak > 0 ? equity / peak - 1 : 0 };
    });
}

/** The curve of the account, beside the band of its backtest where there is one. */
export function LiveEquity({ bot }: { readonly bot: Schemas["BotStatus"] }) {
  const equity = useEquity();
  const points = useMemo(() => curveOf(equity.data?.items ?? []), [equity.data]);
  const band = useBand(bot, points);
  const hint = band.length > 0 && <span className="quiet">dotted: 19 of 20 outcomes by the backtest</span>;
  return (
    <Panel title="Equity and drawdown" className="span-8" flush actions={hint}>
      <div style={{ minHeight: HEIGHT }}>
        <Answer query={equity} height={HEIGHT}>
          {() =>
            points.length < 2 ? (
              <Empty title="No curve yet">The second closed bar draws its first line.</Empty>
            ) : (
              <EquityChart points={points} band={band} height={HEIGHT} />
            )
          }
        </Answer>
      </div>
    </Panel>
  );
}
