import type { Schemas } from "../../api/client";
import { useCoverageCalendar } from "../../api/queries/research";
import { Answer } from "../../components/Answer";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { count } from "../../format/numbers";

type Day = Schemas["CoveredDay"];

const DAY_MS = 86_400_000;

function levelOf({ bars, missing }: Day): "full" | "part" | "none" {
  if (missing === 0) return "full";
  return bars === 0 ? "none" : "part";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Number of a day's column in the year that begins at another. */
function weekOf(begin: number, day: number): number {
  const daysBefore = (new Date(begin).getUTCDay() + 6) % 7;
  return Math.floor(((day - begin) / DAY_MS + daysBefore) / 7) + 1;
}

const WORDS = { full: "whole", part: "in part", none: "missing" };

/** A year as weeks side by side, Monday on top. */
function Year({ year, days }: { readonly year: string; readonly days: ReadonlyMap<string, Day> }) {
  const begin = Date.parse(`${year}-01-01`);
  const length = (Date.parse(`${Number(year) + 1}-01-01`) - begin) / DAY_MS;
  const all = [...days.values()];
  const missing = all.reduce((sum, day) => sum + day.missing, 0);
  return (
    <div className="calendar-year">
      <span className="quiet">{year}</span>
      <div className="calendar-months quiet" aria-hidden="true">
        {MONTHS.map((month, index) => (
          <span key={month} style={{ gridColumn: weekOf(begin, Date.UTC(Number(year), index, 1)) }}>
            {month}
          </span>
        ))}
      </div>
      <div className="calendar-days" role="img" aria-label={`${year}: ${all.length} days, ${count(missing)} bars missing`}>
        {Array.from({ length }, (_, index) => {
          const date = new Date(begin + index * DAY_MS);
          const name = date.toISOString().slice(0, 10);
          const day = days.get(name);
          const row = ((date.getUTCDay() + 6) % 7) + 1;
          if (day === undefined) return <i key={name} style={{ gridRow: row }} title={`${name}: none expected`} />;
          const level = levelOf(day);
          const text = `${name}: ${count(day.bars)} bars, ${count(day.missing)} missing (${WORDS[level]})`;
          return <i key={name} style={{ gridRow: row }} data-level={level} title={text} />;
        })}
      </div>
    </div>
  );
}

function Years({ days }: { readonly days: readonly Day[] }) {
  const years = new Map<string, Map<string, Day>>();
  for (const day of days) {
    const year = day.day.slice(0, 4);
    const known = years.get(year) ?? new Map<string, Day>();
    years.set(year, known.set(day.day, day));
  }
  if (years.size === 0) return <Empty title="No day">The series holds no bar.</Empty>;
  return (
    <div className="calendar" tabIndex={0} role="region" aria-label="Coverage by day">
      {[...years].map(([year, known]) => (
        <Year key={year} year={year} days={known} />
      ))}
    </div>
  );
}

/** Which days of a series are whole, in part there, or missing. */
export function CoverageCalendar({ symbol, interval }: { readonly symbol: string; readonly interval: string }) {
  return (
    <Panel
      title={`Coverage of ${symbol} ${interval}`}
      flush
      actions={<span className="quiet">green is whole, amber in part, red missing</span>}
    >
      <Answer query={useCoverageCalendar(symbol, interval)} height={140}>
        {({ days }) => <Years days={days} />}
      </Answer>
    </Panel>
  );
}
