import type { Schemas } from "../../api/client";
import { useOrderFills, useOrderTimeline } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { Panel } from "../../components/Panel";
import { Stat } from "../../components/Stat";
import { Time } from "../../components/Time";
import { exact, money, NOTHING, signed, tone } from "../../format/numbers";
import { span } from "../../format/times";
import type { Order } from "./columns";
import { resultOf, secondsBetween, type Slippage, slippageOf } from "./execution";

type Step = Schemas["OrderStep"];

const WORDS: Record<Step["step"], string> = {
  signal: "Signal",
  review: "Risk review",
  intent: "Intent on record, sent",
  cancel: "Cancellation sent",
  replace: "Change sent",
  answer: "Venue",
  fill: "Filled",
};

function toneOf({ step, state, text }: Step): "up" | "down" | "" {
  if (step === "fill") return "up";
  if (state === "rejected" || state === "denied" || text.startsWith("refused")) return "down";
  return "";
}

function detail({ step, state, text, price, quantity, fee }: Step): string {
  const parts = [
    step === "answer" ? state.replaceAll("_", " ") : "",
    text ?? "",
    quantity == null ? "" : exact(quantity),
    price == null ? "" : `at ${exact(price)}`,
    fee == null ? "" : `fee ${money(fee)}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function Slip({ slippage }: { readonly slippage: Slippage | null }) {
  if (slippage === null) return <Stat label="Slippage" value={NOTHING} />;
  const { to, bps, cost } = slippage;
  const said = tone(bps, 1) === "" ? "" : cost > 0 ? `cost ${money(cost)}` : `gained ${money(-cost)}`;
  return <Stat label={to === "signal" ? "Slippage to the signal" : `Slippage to its ${to}`} value={`${signed(bps, 1)} bps`} tone={tone(-bps, 1)} note={said} />;
}

function Timeline({ order, steps }: { readonly order: Order; readonly steps: readonly Step[] }) {
  const fills = useOrderFills(order.order_id, order.average_price !== null).data?.items ?? [];
  const result = resultOf(fills);
  const sent = steps.find((it) => it.step === "intent");
  const answered = steps.find((it) => (it.step === "answer" || it.step === "fill") && it.state !== "submitted");
  const triggered = steps.find((it) => it.state === "triggered");
  const filled = steps.filter((it) => it.step === "fill").at(-1);
  return (
    <>
      <dl className="stats">
        {sent === undefined ? (
          <>
            <Stat label="Rested" value={span(secondsBetween(steps[0], triggered ?? filled ?? steps.at(-1)))} />
            <Stat label="Triggered to filled" value={span(secondsBetween(triggered, filled))} />
          </>
        ) : (
          <>
            <Stat label="Sent to acknowledged" value={span(secondsBetween(sent, answered))} />
            <Stat label="Sent to filled" value={span(secondsBetween(sent, filled))} />
          </>
        )}
        <Stat label="Average price" value={exact(order.average_price)} />
        <Slip slippage={slippageOf(order, steps)} />
        <Stat label="Fees" value={money(steps.reduce((sum, it) => sum + Number(it.fee ?? 0), 0))} />
        <Stat label="Result, after its fees" value={signed(result)} tone={tone(result, 2)} note={result === null ? "it closed nothing" : ""} />
      </dl>
      <ol className="timeline">
        {steps.map((step, index) => (
          <li key={`${index}${step.step}`} data-tone={toneOf(step)}>
            <Time at={step.time} clock />
            <small title="Since the step before">{index === 0 ? "" : `+${span(secondsBetween(steps[index - 1], step))}`}</small>
            <div>
              {WORDS[step.step]} <span className="quiet">{detail(step)}</span>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

/** An order from the signal that asked for it to its end, and what that cost. */
export function OrderTimeline({ order }: { readonly order: Order }) {
  return (
    <Panel title={`Timeline of ${order.order_id}`} flush>
      <Answer query={useOrderTimeline(order.order_id)} height={240}>
        {(steps) => <Timeline order={order} steps={steps} />}
      </Answer>
    </Panel>
  );
}
