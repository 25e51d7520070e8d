import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, type Schemas } from "../../api/client";
import { useAskBacktest, useStrategies, useSymbols } from "../../api/queries/research";
import { useSession } from "../../api/queries/system";
import { Answer } from "../../components/Answer";
import { ErrorState } from "../../components/ErrorState";
import { ParameterField } from "./ParameterField";

type Strategy = Schemas["Strategy"];
const INTERVALS = ["1m", "5m", "15m", "30m", "1h", "4h", "1d"];
const FIRST = { symbol: "MOCKUSDT", start_date: "2024-01-01", end_date: "2024-07-01", timeframe: "1h", initial_balance: "10000", commission: "" };

function typed(kind: Schemas["Parameter"]["type"], value: string): boolean | number | string {
  if (kind === "bool") return value === "true";
  return kind === "str" ? value : Number(value);
}

function Fields({ strategies, first }: { readonly strategies: readonly Strategy[]; readonly first: string }) {
  const [name, setName] = useState(first);
  const [values, setValues] = useState(FIRST);
  const [params, setParams] = useState<Readonly<Record<string, string>>>({});
  const symbols = useSymbols().data?.symbols.map((it) => it.symbol) ?? [];
  const isViewer = useSession().data?.role === "viewer";
  const ask = useAskBacktest();
  const navigate = useNavigate();
  const strategy = strategies.find((it) => it.name === name) ?? strategies[0];
  if (strategy === undefined) return <p className="quiet">No strategy loads.</p>;
  const wrong = (field: string) =>
    ask.error instanceof ApiError ? ask.error.fields.find((it) => it.field === field)?.fact : undefined;
  const set = (field: keyof typeof FIRST) => (event: { target: { value: string } }) =>
    setValues((now) => ({ ...now, [field]: event.target.value }));
  const valueOf = (it: Schemas["Parameter"]) => params[it.name] ?? String(it.default);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body: Schemas["BacktestRequest"] = {
      symbol: values.symbol,
      strategy: strategy.name,
      start_date: values.start_date || null,
      end_date: values.end_date || null,
      timeframes: [values.timeframe],
      tf_roles: {},
      initial_balance: Number(values.initial_balance),
      commission: values.commission === "" ? null : Number(values.commission) / 100,
      params: Object.fromEntries(strategy.params.map((it) => [it.name, typed(it.type, valueOf(it))])),
    };
    ask.mutate(body, { onSuccess: ({ id }) => navigate({ to: "/backtests/$id", params: { id } }) });
  };
  return (
    <form className="form" onSubmit={submit}>
      <label className="field">
        <span>Strategy</span>
        <select value={strategy.name} onChange={(event) => { setName(event.target.value); setParams({}); }}>
          {strategies.map((it) => <option key={it.name}>{it.name}</option>)}
        </select>
      </label>
      <label className="field">
        <span>Market</span>
        <input list="markets" required value={values.symbol} onChange={set("symbol")} aria-invalid={wrong("symbol") !== undefined} />
        <datalist id="markets">
          {[...new Set(["MOCKUSDT", ...symbols])].map((it) => <option key={it} value={it} />)}
        </datalist>
      </label>
      <label className="field">
        <span>Timeframe</span>
        <select value={values.timeframe} onChange={set("timeframe")}>
          {INTERVALS.map((it) => <option key={it}>{it}</option>)}
        </select>
      </label>
      <label className="field">
        <span>From (UTC)</span>
        <input type="date" value={values.start_date} onChange={set("start_date")} />
      </label>
      <label className="field">
        <span>To, exclusive (UTC)</span>
        <input type="date" value={values.end_date} onChange={set("end_date")} />
      </label>
      <label className="field">
        <span>Initial balance</span>
        <input type="number" min="1" step="any" required value={values.initial_balance} onChange={set("initial_balance")} />
      </label>
      <label className="field">
        <span>Commission, % of value</span>
        <input type="number" min="0" max="99" step="any" placeholder="of the venue" value={values.commission} onChange={set("commission")} />
      </label>
      <h3 className="wide">{strategy.summary}</h3>
      {strategy.params.map((it) => (
        <ParameterField
          key={`${strategy.name}.${it.name}`}
          parameter={it}
          value={valueOf(it)}
          wrong={wrong(`params.${it.name}`)}
          onChange={(value) => setParams((now) => ({ ...now, [it.name]: value }))}
        />
      ))}
      <div className="wide">
        {ask.error !== null && <ErrorState error={ask.error} />}
        <button type="submit" className="button" data-kind="primary" disabled={ask.isPending || isViewer} title={isViewer ? "Viewers may look, not act." : undefined}>
          Run backtest
        </button>
      </div>
    </form>
  );
}

/** A backtest to ask for; the strategy's parameters are made from its schema. */
export function BacktestForm() {
  const search: { strategy?: unknown } = useSearch({ strict: false });
  const first = typeof search.strategy === "string" ? search.strategy : "sma_cross";
  return (
    <Answer query={useStrategies()} height={260}>
      {({ strategies }) => <Fields strategies={strategies} first={first} />}
    </Answer>
  );
}
