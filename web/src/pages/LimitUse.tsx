import type { Schemas } from "../api/client";
import { count, fixed, percent } from "../format/numbers";

const NEAR = 0.8;
const SHOW = { count, fraction: (value: number) => percent(value, 1), money: (value: number) => fixed(value) };

/** One limit as a bar: full is the limit. */
export function LimitUse({ limit }: { readonly limit: Schemas["RiskLimit"] }) {
  const show = SHOW[limit.unit];
  const share = limit.used === null || limit.limit === 0 ? 0 : Math.min(Math.max(limit.used / limit.limit, 0), 1);
  const tone = limit.is_breached ? "down" : share >= NEAR ? "warn" : "";
  const name = limit.name.replaceAll("_", " ");
  return (
    <div className="field">
      <span>{name}</span>
      <strong className={tone}>
        {limit.used === null ? "\u2013" : show(limit.used)} <span className="quiet">of {show(limit.limit)}</span>
      </strong>
      <div className="bar" data-tone={tone} role="meter" aria-label={name} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
