interface Props<T extends string> {
  readonly label: string;
  readonly options: readonly (readonly [value: T, shown: string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, all of them in sight. */
export function Segments<T extends string>({ label, options, value, onChange }: Props<T>) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map(([option, shown]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {shown}
        </button>
      ))}
    </div>
  );
}
