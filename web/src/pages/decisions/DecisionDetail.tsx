import { Panel } from "../../components/Panel";
import { Stat } from "../../components/Stat";
import { Tag } from "../../components/Tag";
import { exact, NOTHING, percent } from "../../format/numbers";
import { OrderTimeline } from "../orders/OrderTimeline";
import type { Decision } from "./decisions";

/** What a signal said, what the review of its order found, and the way of that order with what it cost. */
export function DecisionDetail({ decision }: { readonly decision: Decision }) {
  const { signal, verdicts, order } = decision;
  const said = [
    ["Market", signal.symbol],
    ["Said", `${signal.action} ${signal.tag}`.trim()],
    ["Confidence", percent(signal.confidence, 0)],
    ["Entry", signal.entry === null ? "at the market" : exact(signal.entry)],
    ["Stop", exact(signal.stop_loss)],
    ["Target", exact(signal.take_profit)],
    ["Size", exact(order?.quantity)],
  ] as const;
  return (
    <>
      <Panel title="The signal" flush>
        <dl className="stats">
          {said.map(([name, value]) => (
            <Stat key={name} label={name} value={value} />
          ))}
        </dl>
      </Panel>
      <Panel title="What the review found" flush>
        {verdicts.length === 0 ? (
          <p className="empty">It led to no order, so there was nothing to review.</p>
        ) : (
          <ul className="told">
            {verdicts.map((it) => (
              <li key={`${it.rule}${it.reason}`}>
                <Tag tone={it.allowed ? "up" : "down"}>{it.allowed ? "allowed" : "refused"}</Tag> {it.rule || "every limit and rule"}
                {it.reason !== "" && `: ${it.reason}`}
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {order === undefined ? (
        <p className="notice">{signal.order_id === "" ? "No order came of it." : `Order ${signal.order_id || NOTHING} never left for the venue.`}</p>
      ) : (
        <OrderTimeline order={order} />
      )}
    </>
  );
}
