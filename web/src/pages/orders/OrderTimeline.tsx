import type { Schemas } from "../../api/client";
import { useOrderTimeline } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { Panel } from "../../components/Panel";
import { Stat } from "../../components/Stat";
import { Time } from "../../components/Time";
import { count, exact, fixed, money, NOTHING, signed } from "../../format/numbers";
import { span } from "../../format/times";
import type { Order } from "./columns";

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

const at = (step: Step | undefined): number | null => (step === undefined ? null : Date.parse(step.time));

/** From one step to another, by the clock of the machine the bot runs on. */
function between(from: Step | undefined, to: Step | undefined): string {
  const [first, last] = [at(from), at(to)];
  return first === null || last === null ? NOTHING : span((last - first) / 1000);
}

/** Average fill against the price the signal was made at; positive is worse for us. */
function slippage(order: Order, steps: readonly Step[]): string {
  const asked = Number(steps.find((it) => it.step === "signal")?.price ?? Number.NaN);
  if (!order.average_price || !(asked > 0)) return NOTHING;
  const worse = (Number(order.average_price) / asked - 1) * (order.side === "sell" ? -1 : 1);
  return `${signed(worse * 10_000, 1)} bps`;
}

function Timeline({ order, steps }: { readonly order: Order; readonly steps: readonly Step[] }) {
  const sent = steps.find((it) => it.step === "intent");
  const answered = steps.find((it) => (it.step === "answer" || it.step === "fill") && it.state !== "submitted");
  const filled = steps.filter((it) => it.step === "fill").at(-1);
  return (
    <>
      <dl className="stats">
        <Stat label="Sent to acknowledged" value={between(sent, answered)} />
        <Stat label="Sent to filled" value={between(sent, filled)} />
        <Stat label="Average price" value={exact(order.average_price)} />
        <Stat label="Slippage to the signal" value={slippage(order, steps)} />
        <Stat label="Fees" value={fixed(steps.reduce((sum, it) => sum + Number(it.fee ?? 0), 0))} />
        <Stat label="Fills" value={count(steps.filter((it) => it.step === "fill").length)} />
      </dl>
      <ol className="timeline">
        {steps.map((step, index) => (
          <li key={`${index}${step.step}`} data-tone={toneOf(step)}>
            <Time at={step.time} clock />
            <div>
              {WORDS[step.step]} <span className="quiet">{detail(step)}</span>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

/** An order from the signal that asked for it to its end. */
export function OrderTimeline({ order }: { readonly order: Order }) {
  return (
    <Panel title={`Timeline of ${order.order_id}`} flush>
      <Answer query={useOrderTimeline(order.order_id)} height={240}>
        {(steps) => <Timeline order={order} steps={steps} />}
      </Answer>
    </Panel>
  );
}
