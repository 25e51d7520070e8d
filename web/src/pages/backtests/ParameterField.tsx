import type { Schemas } from "../../api/client";

interface Props {
  readonly parameter: Schemas["Parameter"];
  readonly value: string;
  readonly wrong: string | undefined;
  readonly onChange: (value: string) => void;
}

/** One parameter of a strategy, as its schema says. */
export function ParameterField({ parameter, value, wrong, onChange }: Props) {
  const { name, type, ge, le, step, choices, doc } = parameter;
  const options = type === "bool" ? ["true", "false"] : choices?.map(String);
  const bounds = ge === null && le === null ? "" : ` ${ge ?? ""} … ${le ?? ""}`;
  return (
    <label className="field" data-wrong={wrong !== undefined || undefined}>
      <span>{name.replaceAll("_", " ")}</span>
      {options !== undefined ? (
        <select value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => <option key={option}>{option}</option>)}
        </select>
      ) : (
        <input
          type={type === "str" ? "text" : "number"}
          min={ge ?? undefined}
          max={le ?? undefined}
          step={step ?? "any"}
          required
          value={value}
          aria-invalid={wrong !== undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <small>{wrong ?? `${doc}${bounds}`}</small>
    </label>
  );
}
