interface Props {
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
  readonly hint?: string;
  readonly wide?: boolean;
}

export function Gauge({ label, value, tone = "", hint, wide = false }: Props) {
  return (
    <div className="gauge" data-wide={wide || undefined} title={hint}>
      <dt>{label}</dt>
      <dd className={tone}>{value}</dd>
    </div>
  );
}
