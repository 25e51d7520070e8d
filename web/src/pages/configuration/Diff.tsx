import { useDeferredValue, useMemo } from "react";
import { diffLines } from "./diffLines";

export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  const late = useDeferredValue(after);
  const lines = useMemo(() => diffLines(before.split("\n"), late.split("\n")), [before, late]);
  if (lines.every((line) => line.change === " ")) return <p className="loading">Nothing is changed.</p>;
  return (
    <div className="diff mono" tabIndex={0} role="region" aria-label="Changed lines">
      {lines.map((line, index) =>
        line.change === " " ? null : (
          <div key={`${index}${line.text}`} data-change={line.change}>
            {line.change} {line.text}
          </div>
        ),
      )}
    </div>
  );
}
