import type { Schemas } from "../../api/client";
import type { Column } from "../../components/DataTable";
import { Tag } from "../../components/Tag";
import { Time } from "../../components/Time";
import { exact } from "../../format/numbers";

/** A signal joined with the review of its order and with what became of that. */
export interface Decision {
  readonly key: string;
  readonly signal: Schemas["Signal"];
  readonly verdict: Schemas["Verdict"] | undefined;
  readonly order: Schemas["Order"] | undefined;
  readonly text: string;
}

export function decisionsOf(
  signals: readonly Schemas["Signal"][],
  verdicts: readonly Schemas["Verdict"][],
  orders: readonly Schemas["Order"][],
): Decision[] {
  const verdictOf = new Map(verdicts.map((it) => [it.order_id, it]));
  const orderOf = new Map(orders.map((it) => [it.order_id, it]));
  return signals.map((signal) => {
    const verdict = verdictOf.get(signal.order_id);
    const order = orderOf.get(signal.order_id);
    const words = [signal.symbol, signal.action, signal.tag, signal.order_id, verdict?.rule, verdict?.reason, order?.state];
    return {
      key: `${signal.time}${signal.symbol}${signal.action}${signal.order_id}`,
      signal,
      verdict,
      order,
      text: words.join(" ").toLowerCase(),
    };
  });
}

/** Whether it asked for an order; a strategy may say the same of every bar while it holds. */
export const hasOrder = ({ signal, verdict }: Decision): boolean => signal.order_id !== "" || verdict !== undefined;

export function outcome({ signal, verdict }: Decision) {
  if (verdict !== undefined && !verdict.allowed) return <Tag tone="down">refused</Tag>;
  if (signal.order_id === "") return <Tag>no order</Tag>;
  return <Tag tone="up">taken</Tag>;
}

function reason({ signal, verdict, order }: Decision): string {
  if (verdict !== undefined && !verdict.allowed) return `${verdict.rule}: ${verdict.reason}`;
  if (signal.order_id === "") return "It asked for nothing that the account did not hold already.";
  return order === undefined ? "" : `${order.state.replaceAll("_", " ")}${order.reason ? `: ${order.reason}` : ""}`;
}

export const DECISION_COLUMNS: readonly Column<Decision>[] = [
  { title: "Time", cell: (it) => <Time at={it.signal.time} />, sortBy: (it) => it.signal.time ?? "" },
  { title: "Market", cell: (it) => it.signal.symbol, sortBy: (it) => it.signal.symbol },
  { title: "Signal", cell: (it) => `${it.signal.action} ${it.signal.tag}`.trim() },
  { title: "Outcome", cell: outcome },
  { title: "Why", cell: reason, wrap: true },
  { title: "Size", cell: (it) => exact(it.order?.quantity), isNumber: true },
  { title: "Stop", cell: (it) => exact(it.signal.stop_loss), isNumber: true },
  { title: "Target", cell: (it) => exact(it.signal.take_profit), isNumber: true },
  { title: "Average", cell: (it) => exact(it.order?.average_price), isNumber: true },
  { title: "Order", cell: (it) => <code>{it.signal.order_id}</code> },
];
