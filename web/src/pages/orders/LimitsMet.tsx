import { usePositions, useBot, useRisk } from "../../api/queries/trading";
import { Tag } from "../../components/Tag";
import { limitFigure, limitName } from "../../format/limits";
import { usedAfter } from "./afterwards";
import type { Draft } from "./draft";

/** Each limit as it stands, and as it would once an order has filled. The bot's own review decides. */
export function LimitsMet({ draft, price }: { readonly draft: Draft; readonly price: number }) {
  const limits = useRisk().data?.limits ?? [];
  const bot = useBot().data;
  const positions = usePositions().data?.positions ?? [];
  const holdings = {
    equity: bot?.equity ?? null,
    grossNotional: bot?.gross_notional ?? 0,
    count: positions.length,
    position: positions.find((it) => it.symbol === draft.symbol),
  };
  if (limits.length === 0) return <p className="quiet">No limit is set.</p>;
  return (
    <ul className="met">
      {limits.map((limit) => {
        const after = usedAfter(limit, draft, price, holdings);
        const isOver = after !== null && after > limit.limit;
        return (
          <li key={limit.name}>
            <span className="quiet">{limitName(limit)}</span> {limitFigure(limit, limit.used)} → {limitFigure(limit, after)} of{" "}
            {limitFigure(limit, limit.limit)} <Tag tone={isOver ? "down" : "up"}>{isOver ? "over" : "within"}</Tag>
          </li>
        );
      })}
    </ul>
  );
}
