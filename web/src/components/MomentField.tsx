import { useSettings } from "../settings/settings";

interface Props {
  readonly label: string;
  /** As the field has it: `2024-01-31T10:05` in the zone that was chosen, or empty. */
  readonly value: string;
  /** With the moment in UTC, ISO 8601; `null` while there is none. */
  readonly onChange: (value: string, moment: string | null) => void;
}

/** A date and a time of day, in the zone that was chosen. */
export function MomentField({ label, value, onChange }: Props) {
  const { zone } = useSettings();
  const change = (written: string) => {
    const ms = Date.parse(zone === "utc" ? `${written}Z` : written);
    onChange(written, Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  };
  return (
    <label className="moment">
      <span>
        {label} {zone === "utc" && "(UTC)"}
      </span>
      <input type="datetime-local" value={value} onChange={(event) => change(event.target.value)} />
    </label>
  );
}
