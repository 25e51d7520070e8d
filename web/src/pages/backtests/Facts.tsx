import { exact, NOTHING } from "../../format/numbers";

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (typeof value === "number") return exact(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Names and values as the API tells them. */
export function Facts({ values }: { readonly values: Readonly<Record<string, unknown>> }) {
  return (
    <dl className="facts">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>{shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
