import type { Schemas } from "../../api/client";
import { useHealthDetailed } from "../../api/queries/system";
import { useAudit } from "../../api/queries/trading";
import { Panel } from "../../components/Panel";
import { Prose } from "../../components/Prose";
import { Time } from "../../components/Time";

const SHOWN = 8;

function abnormal(bot: Schemas["BotStatus"]): string[] {
  return (bot.markets ?? []).flatMap((market) => [
    ...(market.is_fresh ? [] : [`${market.symbol}: its data is late; no entry goes out.`]),
    ...(market.quarantined ? [`${market.symbol}: closed to entries until a release; Reconcile shows what is not explained.`] : []),
    ...(market.unresolved > 0 ? [`${market.symbol}: ${market.unresolved} orders of unknown fate.`] : []),
    ...(market.failures > 0 ? [`${market.symbol}: its strategy failed ${market.failures} times.`] : []),
  ]);
}

/** What wants a person's eye, then what was told last. */
export function Inbox({ bot }: { readonly bot: Schemas["BotStatus"] }) {
  const parts = (useHealthDetailed().data?.parts ?? []).filter((part) => part.status !== "ok");
  const told = useAudit().data?.items.slice(0, SHOWN) ?? [];
  const alerts = [...abnormal(bot), ...parts.map((part) => `${part.name}: ${part.detail}`)];
  return (
    <Panel title="Inbox" className="span-4" flush>
      <div className="inbox">
        {alerts.length === 0 ? (
          <p className="notice" data-tone="up">
            Nothing abnormal.
          </p>
        ) : (
          alerts.map((alert) => (
            <p key={alert} className="notice" data-tone="warn">
              <Prose>{alert}</Prose>
            </p>
          ))
        )}
        <ul className="told">
          {told.map((entry) => (
            <li key={entry.id}>
              <span className="quiet">
                <Time at={entry.time} clock />
              </span>{" "}
              {entry.text}
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
