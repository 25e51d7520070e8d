import { NOTHING } from "../../format/numbers";
import { figureOf } from "./figures";

type Side = Readonly<Record<string, unknown>>;

interface Props {
  readonly all: Side;
  readonly long: Side;
  readonly short: Side;
}

function shown(name: string, value: unknown): string {
  return typeof value === "number" ? figureOf(name, value) : NOTHING;
}

/** Figures of the closed trades: all, those bought first and those sold first. */
export function SideTable({ all, long, short }: Props) {
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
          {Object.keys(all).map((name) => (
            <tr key={name}>
              <td>{name.replaceAll("_", " ")}</td>
              {[all, long, short].map((side, index) => (
                <td key={index} data-number>
                  {shown(name, side[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
