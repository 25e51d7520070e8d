import { useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import { useBacktestEquities } from "../../api/queries/research";
import { ErrorState } from "../../components/ErrorState";
import { CurveChart } from "./CurveChart";
import { CurveLegend } from "./CurveLegend";
import { curveOf } from "./curves";

interface Props {
  readonly runs: readonly Schemas["Backtest"][];
  readonly names: readonly string[];
}

const HEIGHT = 320;
const NONE: ReadonlySet<string> = new Set();

/** Equity and drawdown of runs over one another. */
export function RunCurves({ runs, names }: Props) {
  const [hidden, setHidden] = useState(NONE);
  const [chosen, setChosen] = useState<string | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const { answers, error } = useBacktestEquities(runs.map((run) => run.id));
  const curves = useMemo(
    () => runs.flatMap((run, index) => {
      const answer = answers[index];
      return answer === undefined ? [] : [curveOf(run, names[index] ?? run.id, answer)];
    }),
    [runs, names, answers],
  );
  const toggle = (id: string) =>
    setHidden((now) => new Set(now.has(id) ? [...now].filter((it) => it !== id) : [...now, id]));
  if (error !== null) return <ErrorState error={error} />;
  return (
    <div className="curves">
      <CurveChart curves={curves} hidden={hidden} chosen={chosen} height={HEIGHT} onPoint={setAt} />
      <CurveLegend curves={curves} hidden={hidden} at={at} onToggle={toggle} onChoose={setChosen} />
    </div>
  );
}
