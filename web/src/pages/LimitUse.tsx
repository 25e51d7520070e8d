import type { Schemas } from "../api/client";
import { limitFigure, limitMeaning, limitName } from "../format/limits";

const NEAR = 0.8;

/** One limit as a bar: full is the limit. */
export function LimitUse({ limit }: { readonly limit: Schemas["RiskLimit"] }) {
  const share = limit.used === null || limit.limit === 0 ? 0 : Math.min(Math.max(limit.used / limit.limit, 0), 1);
  const tone = limit.is_breached ? "down" : share >= NEAR ? "warn" : "";
  const name = limitName(limit);
  return (
    <div className="limit">
      <h3>{name}</h3>
      <strong className={tone}>
        {limitFigure(limit, limit.used)} <span className="quiet">of {limitFigure(limit, limit.limit)}</span>
      </strong>
      <div className="bar" data-tone={tone} role="meter" aria-label={name} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <small>{limitMeaning(limit)}</small>
    </div>
  );
}
