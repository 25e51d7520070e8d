import type { ReactNode } from "react";

/** Nothing there yet: what it means, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <p className="empty">
      <strong>{title}.</strong> {children}
    </p>
  );
}
