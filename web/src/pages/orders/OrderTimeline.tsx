import { useFills, useSignals, useVerdicts } from "../../api/queries/trading";
import { Panel } from "../../components/Panel";
import { Time } from "../../components/Time";
import { exact } from "../../format/numbers";
import { span, toMs } from "../../format/times";
import type { Order } from "./columns";

interface Step {
  readonly at: string | null | undefined;
  readonly tone: "up" | "down" | "";
  readonly text: string;
}

/** Against the price the signal was made at; positive is worse for us. */
function slippageOf(order: Order, entry: string | null | undefined): string {
  if (!entry || !order.average_price) return "";
  const worse = (Number(order.average_price) / Number(entry) - 1) * (order.side === "sell" ? -1 : 1);
  return `, ${(worse * 10_000).toFixed(1)} bps from the signal's price`;
}

/** An order from what asked for it to its end. */
export function OrderTimeline({ order }: { readonly order: Order }) {
  const signal = useSignals().data?.items.find((it) => it.order_id === order.order_id);
  const verdict = useVerdicts().data?.items.find((it) => it.order_id === order.order_id);
  const fills = (useFills().data?.items ?? []).filter((it) => it.order_id === order.order_id).reverse();
  const [created, updated] = [toMs(order.created), toMs(order.updated)];
  const took = created === null || updated === null ? "" : ` after ${span((updated - created) / 1000)}`;
  const steps: Step[] = [
    ...(signal ? [{ at: signal.time, tone: "" as const, text: `signal: ${signal.action} ${signal.tag}` }] : []),
    ...(verdict
      ? [
          {
            at: verdict.time,
            tone: verdict.allowed ? ("" as const) : ("down" as const),
            text: verdict.allowed ? "risk review: allowed" : `risk review: refused by ${verdict.rule}. ${verdict.reason}`,
          },
        ]
      : []),
    {
      at: order.created,
      tone: "",
      text: `intent: ${order.side} ${exact(order.quantity)} ${order.symbol} ${order.type?.replaceAll("_", " ")} ${order.tag}`,
    },
    ...(order.venue_id ? [{ at: null, tone: "" as const, text: `acknowledged by the venue as ${order.venue_id}` }] : []),
    ...fills.map((fill) => ({
      at: fill.time,
      tone: "up" as const,
      text: `filled ${exact(fill.quantity)} at ${exact(fill.price)}, fee ${exact(fill.fee)} ${fill.fee_currency}`,
    })),
    {
      at: order.updated,
      tone: order.state === "filled" ? "up" : order.reason ? "down" : "",
      text: `${order.state.replaceAll("_", " ")}${took}${slippageOf(order, signal?.entry)}${order.reason ? `: ${order.reason}` : ""}`,
    },
  ];
  return (
    <Panel title={`Timeline of ${order.order_id}`} flush>
      <ol className="timeline">
        {steps.map((step) => (
          <li key={step.text} data-tone={step.tone}>
            <Time at={step.at} clock />
            <div>{step.text}</div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
