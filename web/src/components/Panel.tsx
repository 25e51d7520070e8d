import { type ReactNode, useId } from "react";

interface Props {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly className?: string;
  /** Tables and charts go up to the border. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, className = "", flush = false, children }: Props) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      <div className="panel-body" data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}
