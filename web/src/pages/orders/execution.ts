import type { Schemas } from "../../api/client";
import type { Order } from "./columns";

type Step = Schemas["OrderStep"];

/** What an order was carried out at, beside the price that was meant. */
export interface Slippage {
  /** What that price is of. */
  readonly to: "signal" | "trigger" | "price";
  /** Hundredths of a percent; positive is worse for us. */
  readonly bps: number;
  /** In the currency of the prices, for a contract of multiplier one; positive is a cost. */
  readonly cost: number;
}

/** The price an order was meant at: the signal's, else its trigger, else its limit. */
function meant(order: Order, steps: readonly Step[]): readonly [to: Slippage["to"], price: number] {
  const signal = steps.find((it) => it.step === "signal")?.price;
  if (signal != null) return ["signal", Number(signal)];
  return order.trigger === null ? ["price", Number(order.price ?? Number.NaN)] : ["trigger", Number(order.trigger)];
}

/** `null` before a fill, and where no price was meant. */
export function slippageOf(order: Order, steps: readonly Step[]): Slippage | null {
  const [to, price] = meant(order, steps);
  if (order.average_price === null || !(price > 0)) return null;
  const worse = (Number(order.average_price) - price) * (order.side === "sell" ? -1 : 1);
  return { to, bps: (worse / price) * 10_000, cost: worse * Number(order.filled) };
}

/** Seconds from one step to another, by the clock of the machine the bot runs on. */
export function secondsBetween(from: Step | undefined, to: Step | undefined): number | null {
  return from === undefined || to === undefined ? null : (Date.parse(to.time) - Date.parse(from.time)) / 1000;
}

/** Profit of what an order closed, less its own fees; `null` where it closed nothing. */
export function resultOf(fills: readonly Schemas["Fill"][]): number | null {
  if (fills.every((it) => Number(it.realized) === 0)) return null;
  return fills.reduce((sum, it) => sum + Number(it.realized) - Number(it.fee), 0);
}
