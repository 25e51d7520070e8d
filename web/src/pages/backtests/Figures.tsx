import type { Schemas } from "../../api/client";
import { figureOf, meaningOf } from "./figures";

interface Props {
  readonly definitions: readonly Schemas["FigureDefinition"][];
  readonly values: Readonly<Record<string, unknown>>;
}

const GROUPS = ["Result", "Risk", "Exposure", "Costs"] as const;

/** The figures of a run by group; point at one to read what it means. */
export function Figures({ definitions, values }: Props) {
  return GROUPS.map((group) => (
    <section key={group} className="figures">
      <h3>{group}</h3>
      <dl className="facts" data-numbers>
        {definitions
          .filter((it) => it.group === group)
          .map((it) => (
            <div key={it.name} title={meaningOf(it)}>
              <dt>{it.label}</dt>
              <dd>{figureOf(it, values[it.name])}</dd>
            </div>
          ))}
      </dl>
    </section>
  ));
}
