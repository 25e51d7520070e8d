import type { ReactNode } from "react";
import { Time } from "../../components/Time";
import { NOTHING } from "../../format/numbers";
import { figureOf } from "./figures";

const INSTANT = /^\d{4}-\d\d-\d\dT/;

function shown(name: string, value: unknown): ReactNode {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (typeof value === "number") return figureOf(name, value);
  if (typeof value === "string" && INSTANT.test(value)) return <Time at={value} />;
  if (Array.isArray(value)) return value.length === 0 ? NOTHING : value.join("; ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Names and values as the API tells them. */
export function Facts({ values }: { readonly values: Readonly<Record<string, unknown>> }) {
  return (
    <dl className="facts">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>{shown(name, value)}</dd>
        </div>
      ))}
    </dl>
  );
}
