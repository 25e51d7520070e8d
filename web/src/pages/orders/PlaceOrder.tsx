import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/client";
import { useStats } from "../../api/queries/research";
import { useBot, usePlaceOrder } from "../../api/queries/trading";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Panel } from "../../components/Panel";
import { Segments } from "../../components/Segments";
import { exact, fixed, NOTHING, percent } from "../../format/numbers";
import { type Draft, EMPTY_DRAFT, orderOf, priceOf } from "./draft";
import { LimitsMet } from "./LimitsMet";

/** Sixteen random bytes; `crypto.randomUUID` is not there over plain HTTP. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (it) => it.toString(16).padStart(2, "0")).join("");

const SIDES = [["buy", "Buy"], ["sell", "Sell"]] as const;
const TYPES = [["market", "Market"], ["limit", "Limit"], ["stop", "Stop"]] as const;
const AT: Record<Draft["type"], string> = { market: "at the market", limit: "at", stop: "once the price reaches" };

function effectsOf(draft: Draft, value: number | null): string[] {
  const verb = draft.side === "buy" ? "Buys" : "Sells";
  const where = draft.type === "market" ? AT.market : `${AT[draft.type]} ${exact(draft.price)}${draft.type === "limit" ? " or better" : ", then at the market"}`;
  const exits = [draft.stop_loss && `a stop at ${exact(draft.stop_loss)}`, draft.take_profit && `a target at ${exact(draft.take_profit)}`].filter(Boolean);
  return [
    `${verb} ${exact(draft.quantity)} ${draft.symbol} ${where}${value === null ? "" : `, worth about ${fixed(value)}`}.`,
    ...(draft.reduce_only ? ["It only reduces what is held, and never opens a position."] : []),
    ...(!draft.reduce_only && exits.length > 0 ? [`Once filled, ${exits.join(" and ")} ${exits.length > 1 ? "rest" : "rests"} for it.`] : []),
    "The limits and rules of the bot review it first; their verdict is the answer.",
  ];
}

/** An order by hand: what it is worth and which limits it meets is seen before it is sent. */
export function PlaceOrder({ onClose }: { readonly onClose: () => void }) {
  const bot = useBot().data;
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, symbol: bot?.symbols[0] ?? "" });
  // One for each review: sent twice, the order is still placed once.
  const [key, setKey] = useState<string | null>(null);
  const place = usePlaceOrder();
  const last = useStats(draft.symbol).data?.last;
  const price = priceOf(draft, last);
  const value = price === null || draft.quantity === "" ? null : price * Number(draft.quantity);
  const change = (changed: Partial<Draft>) => {
    place.reset();
    setDraft((now) => ({ ...now, ...changed }));
  };
  const wrong = (field: string) => (place.error instanceof ApiError ? place.error.fields.find((it) => it.field === field)?.fact : undefined);
  const figure = (label: string, field: "quantity" | "price" | "stop_loss" | "take_profit", isNeeded: boolean) => (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        inputMode="decimal"
        min="0"
        step="any"
        required={isNeeded}
        value={draft[field]}
        placeholder={isNeeded ? "" : "none"}
        aria-invalid={(wrong(field) ?? wrong(field === "price" ? "trigger" : field)) !== undefined}
        onChange={(event) => change({ [field]: event.target.value })}
      />
    </label>
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    place.reset();
    setKey(newKey());
  };
  const send = (reason: string) => key !== null && place.mutate({ body: orderOf(draft, reason), key }, { onSuccess: () => setKey(null) });
  return (
    <Panel title="Order by hand" actions={<button type="button" className="button" data-kind="quiet" onClick={onClose}>Close</button>}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>Market</span>
          <select value={draft.symbol} onChange={(event) => change({ symbol: event.target.value })}>
            {bot?.symbols.map((it) => <option key={it}>{it}</option>)}
          </select>
        </label>
        <div className="field">
          <span>Side</span>
          <Segments label="Side" options={SIDES} value={draft.side} onChange={(side) => change({ side })} />
        </div>
        <div className="field">
          <span>Type</span>
          <Segments label="Type" options={TYPES} value={draft.type} onChange={(type) => change({ type })} />
        </div>
        {figure("Quantity, units", "quantity", true)}
        {draft.type !== "market" && figure(draft.type === "limit" ? "Limit price" : "Trigger price", "price", true)}
        {!draft.reduce_only && figure("Stop, once filled", "stop_loss", false)}
        {!draft.reduce_only && figure("Target, once filled", "take_profit", false)}
        <label className="check">
          <input type="checkbox" checked={draft.reduce_only} onChange={(event) => change({ reduce_only: event.target.checked })} />
          Reduce only
        </label>
        <div className="wide row estimate">
          <span>
            <span className="quiet">Last price</span> {exact(last)}
          </span>
          <span>
            <span className="quiet">Estimated value</span> {fixed(value)}
            {value !== null && bot?.equity ? ` (${percent(value / bot.equity, 1)} of equity)` : ""}
          </span>
          {price !== null && value !== null && <LimitsMet draft={draft} price={price} />}
        </div>
        <div className="wide row">
          <button type="submit" className="button" data-kind="primary" disabled={draft.symbol === "" || bot?.phase !== "running"}>
            Review the order
          </button>
          {place.data !== undefined && (
            <p className="notice" data-tone="up" role="status">
              {place.data.is_decided ? `Reviewed and sent as ${place.data.order_id || NOTHING}.` : "Passed on; the bot has not come to it yet."}
            </p>
          )}
        </div>
      </form>
      {key !== null && (
        <ConfirmDialog
          title={`${draft.side === "buy" ? "Buy" : "Sell"} ${draft.symbol}`}
          effects={effectsOf(draft, value)}
          verb="Send the order"
          isBusy={place.isPending}
          error={place.error}
          onConfirm={send}
          onClose={() => setKey(null)}
        />
      )}
    </Panel>
  );
}
