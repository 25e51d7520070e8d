import type { ReactNode } from "react";

export type Tone = "up" | "down" | "warn" | "accent" | "plain";

export function Tag({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className="tag" data-tone={tone}>
      {children}
    </span>
  );
}
