import type { Schemas } from "../../api/client";
import { figureOf, meaningOf } from "./figures";

type Side = Readonly<Record<string, unknown>>;

interface Props {
  readonly definitions: readonly Schemas["FigureDefinition"][];
  readonly all: Side;
  readonly long: Side;
  readonly short: Side;
}

/** Figures of the closed trades: all, those bought first and those sold first. */
export function SideTable({ definitions, all, long, short }: Props) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Figures of the trades">
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" data-number>All</th>
            <th scope="col" data-number>Long</th>
            <th scope="col" data-number>Short</th>
          </tr>
        </thead>
        <tbody>
          {definitions
            .filter((it) => it.group === "Trades")
            .map((it) => (
              <tr key={it.name} title={meaningOf(it)}>
                <td>{it.label}</td>
                {[all, long, short].map((side, index) => (
                  <td key={index} data-number>
                    {figureOf(it, side[it.name])}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
