import { palette } from "../../components/palette";
import { Time } from "../../components/Time";
import { fixed, percent } from "../../format/numbers";
import { useSettings } from "../../settings/settings";
import { pointAt, type RunCurve, strokeOf } from "./curves";

interface Props {
  readonly curves: readonly RunCurve[];
  readonly hidden: ReadonlySet<string>;
  /** The instant whose figures are shown; without one, those at the end of each run. */
  readonly at: number | null;
  readonly onToggle: (id: string) => void;
  readonly onChoose: (id: string | null) => void;
}

/** Which line is which, and how each stood; a press takes a line away and brings it back. */
export function CurveLegend({ curves, hidden, at, onToggle, onChoose }: Props) {
  // Drawn again with the theme, whose colours these are.
  useSettings();
  const colours = palette();
  return (
    <div className="table-wrap curve-legend">
      <table aria-label="Lines of the chart">
        <thead>
          <tr>
            <th scope="col">{at === null ? "At the end" : <Time at={new Date(at).toISOString()} />}</th>
            <th scope="col" data-number>Growth of 1</th>
            <th scope="col" data-number>Drawdown</th>
          </tr>
        </thead>
        <tbody>
          {curves.map((curve, index) => {
            const { colour, isDashed } = strokeOf(index, colours);
            const point = at === null ? curve.points.at(-1) : pointAt(curve, at);
            return (
              <tr key={curve.id} onPointerEnter={() => onChoose(curve.id)} onPointerLeave={() => onChoose(null)}>
                <td data-wrap>
                  <button
                    type="button"
                    className="curve-name"
                    aria-pressed={!hidden.has(curve.id)}
                    title="Show or hide this line"
                    onClick={() => onToggle(curve.id)}
                    onFocus={() => onChoose(curve.id)}
                    onBlur={() => onChoose(null)}
                  >
                    <svg width="22" height="10" aria-hidden="true">
                      <line x1="0" y1="5" x2="22" y2="5" stroke={colour} strokeWidth="3" strokeDasharray={isDashed ? "6 2" : undefined} />
                    </svg>
                    {curve.name}
                  </button>
                </td>
                <td data-number>{fixed(point?.growth, 3)}</td>
                <td data-number>{percent(point?.drawdown, 1)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
