import { clockOf, dateOf, type Instant, toMs } from "../format/times";
import { NOTHING } from "../format/numbers";
import { useSettings } from "../settings/settings";

/** An instant in the zone that was chosen. */
export function Time({ at, clock = false }: { readonly at: Instant; readonly clock?: boolean }) {
  const { zone } = useSettings();
  const ms = toMs(at);
  if (ms === null) return NOTHING;
  return (
    <time dateTime={new Date(ms).toISOString()}>
      {!clock && <span className="date">{dateOf(at, zone)} </span>}
      <span>{clockOf(at, zone)}</span>
    </time>
  );
}
