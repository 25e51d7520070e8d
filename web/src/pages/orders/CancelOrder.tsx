import { useCancelOrder } from "../../api/queries/trading";
import { ActionButton } from "../../components/ActionButton";
import type { Schemas } from "../../api/client";

const EFFECTS = ["It is taken back at the venue.", "What of it has filled stays filled.", "The strategy may send another at its next signal."];

/** Takes one order back, once that has been read. */
export function CancelOrder({ order }: { readonly order: Schemas["Order"] }) {
  return <ActionButton label="Cancel" subject={order.order_id} effects={EFFECTS} action={useCancelOrder(order.order_id)} />;
}
