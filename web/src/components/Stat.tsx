interface Props {
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
  readonly note?: string;
}

export function Stat({ label, value, tone = "", note }: Props) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd className={tone}>
        {value} {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
