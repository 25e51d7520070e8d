import type { Schemas } from "../../api/client";
import type { Column } from "../../components/column";
import { Tag } from "../../components/Tag";
import { Time } from "../../components/Time";

/** A signal joined with the reviews of its order and with what became of that. */
export interface Decision {
  readonly key: string;
  readonly signal: Schemas["Signal"];
  readonly verdicts: readonly Schemas["Verdict"][];
  readonly order: Schemas["Order"] | undefined;
  readonly outcome: Outcome;
  /** What is searched, in lower case, but for the time, which depends on the zone that is shown. */
  readonly text: string;
}

/** A strategy may say the same of every bar while it holds: it then asks for no order. */
export type Outcome = "taken" | "refused" | "no order";

function outcomeOf(signal: Schemas["Signal"], verdicts: readonly Schemas["Verdict"][]): Outcome {
  if (verdicts.some((it) => !it.allowed)) return "refused";
  return signal.order_id === "" && verdicts.length === 0 ? "no order" : "taken";
}

export function decisionsOf(
  signals: readonly Schemas["Signal"][],
  verdicts: readonly Schemas["Verdict"][],
  orders: readonly Schemas["Order"][],
): Decision[] {
  const verdictsOf = new Map<string, Schemas["Verdict"][]>();
  for (const it of verdicts) verdictsOf.set(it.order_id, [...(verdictsOf.get(it.order_id) ?? []), it]);
  const orderOf = new Map(orders.map((it) => [it.order_id, it]));
  return signals.map((signal) => {
    const found = signal.order_id === "" ? [] : (verdictsOf.get(signal.order_id) ?? []);
    const order = orderOf.get(signal.order_id);
    const outcome = outcomeOf(signal, found);
    const said = found.flatMap((it) => [it.allowed ? "allowed" : "refused", it.rule, it.reason]);
    const words = [signal.symbol, signal.action, signal.tag, signal.order_id, outcome, ...said, order?.state, order?.reason];
    return {
      key: `${signal.time}${signal.symbol}${signal.action}${signal.order_id}`,
      signal,
      verdicts: found,
      order,
      outcome,
      text: words.join(" ").toLowerCase(),
    };
  });
}

const TONES = { taken: "up", refused: "down", "no order": "plain" } as const;

function reason({ verdicts, order, outcome }: Decision): string {
  const refusal = verdicts.find((it) => !it.allowed);
  if (refusal !== undefined) return `${refusal.rule}: ${refusal.reason}`;
  if (outcome === "no order") return "It asked for nothing that the account did not hold already.";
  const became = order === undefined ? "" : `${order.state.replaceAll("_", " ")}${order.reason ? `: ${order.reason}` : ""}`;
  return ["every limit allowed it", became].filter(Boolean).join("; ");
}

const marketOf = ({ signal }: Decision): string => signal.symbol;

export function decisionColumns(chosen: string | null, choose: (key: string | null) => void): readonly Column<Decision>[] {
  return [
    {
      title: "Signal",
      cell: ({ key, signal }) => (
        <button type="button" className="button" data-kind="link" aria-expanded={key === chosen} onClick={() => choose(key === chosen ? null : key)}>
          {`${signal.action} ${signal.tag}`.trim()}
        </button>
      ),
    },
    { title: "Outcome", cell: (it) => <Tag tone={TONES[it.outcome]}>{it.outcome}</Tag>, sortBy: (it) => it.outcome },
    { title: "Time", cell: (it) => <Time at={it.signal.time} />, sortBy: (it) => it.signal.time ?? "" },
    { title: "Market", cell: marketOf, sortBy: marketOf },
    { title: "Why", cell: reason, wrap: true },
    { title: "Size", figure: (it) => it.order?.quantity, marketOf },
    { title: "Average", figure: (it) => it.order?.average_price, marketOf },
    { title: "Order", cell: (it) => <code>{it.signal.order_id}</code> },
  ];
}
