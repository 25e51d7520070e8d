import type { Schemas } from "../../api/client";
import { assumedOf, assumptionOf } from "./figures";

/** What was run, and how its fills were simulated. */
export function Assumed({ run }: { readonly run: Schemas["BacktestDetail"] }) {
  const groups = [
    ["Parameters", Object.entries(run.params ?? {})],
    ["Simulation", Object.entries(run.assumptions ?? {})],
  ] as const;
  return groups.map(([group, entries]) => (
    <section key={group} className="figures">
      <h3>{group}</h3>
      <dl className="facts">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{group === "Parameters" ? name : assumptionOf(name)}</dt>
            <dd>{assumedOf(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  ));
}
