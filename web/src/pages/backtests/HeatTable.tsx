import type { Schemas } from "../../api/client";

interface Props {
  readonly grid: Schemas["GridDetail"];
  readonly figure: string;
  readonly show: (value: number) => string;
  readonly run: Schemas["BacktestDetail"];
}

const STRONGEST = 62;

/** Above nothing green, below it red, the more the further. */
function tintOf(value: number | null, most: number): string {
  if (value === null || most === 0) return "transparent";
  const strength = Math.round((Math.abs(value) / most) * STRONGEST);
  return `color-mix(in srgb, var(--${value < 0 ? "down" : "up"}) ${strength}%, transparent)`;
}

export function HeatTable({ grid, figure, show, run }: Props) {
  const rows = grid.figures[figure] ?? [];
  const most = Math.max(...rows.flat().map((value) => Math.abs(value ?? 0)), 0);
  const isRun = (x: unknown, y: unknown) => run.params?.[grid.x.name] === x && run.params?.[grid.y.name] === y;
  return (
    <div className="heat" tabIndex={0} role="region" aria-label="Parameter heat map">
      <table>
        <thead>
          <tr>
            <th scope="col">
              {grid.y.name} \ {grid.x.name}
            </th>
            {grid.x.values.map((value) => (
              <th key={String(value)} scope="col">
                {String(value)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.y.values.map((y, row) => (
            <tr key={String(y)}>
              <th scope="row">{String(y)}</th>
              {grid.x.values.map((x, column) => {
                const value = rows[row]?.[column] ?? null;
                return (
                  <td key={String(x)} data-chosen={isRun(x, y) || undefined} style={{ background: tintOf(value, most) }}>
                    {value === null ? "\u2013" : show(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
