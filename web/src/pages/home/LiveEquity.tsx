import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import { useEquity } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { Empty } from "../../components/Empty";
import { EquityChart, type EquityPoint } from "../../components/EquityChart";
import { Panel } from "../../components/Panel";

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

function Curve({ items }: { readonly items: readonly Schemas["EquityPoint"][] }) {
  const points = useMemo(() => curveOf(items), [items]);
  if (points.length < 2) return <Empty title="No curve yet">The second closed bar draws its first line.</Empty>;
  return <EquityChart points={points} height={HEIGHT} />;
}

export function LiveEquity() {
  return (
    <Panel title="Equity and drawdown" className="span-8" flush>
      <div style={{ minHeight: HEIGHT }}>
        <Answer query={useEquity()} height={HEIGHT}>
          {(page) => <Curve items={page.items} />}
        </Answer>
      </div>
    </Panel>
  );
}
