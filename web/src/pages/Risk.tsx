import type { Schemas } from "../api/client";
import { useRisk, useVerdicts } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import type { Column } from "../components/column";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { Page } from "../layout/Page";
import { LimitUse } from "./LimitUse";

const COLUMNS: readonly Column<Schemas["Verdict"]>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} />, sortBy: (it) => it.time ?? "" },
  { title: "Market", cell: (it) => it.symbol },
  { title: "Rule", cell: (it) => it.rule, sortBy: (it) => it.rule },
  { title: "Reason", cell: (it) => it.reason, wrap: true },
  { title: "Order", cell: (it) => <code>{it.order_id}</code> },
];

export function Risk() {
  return (
    <Page title="Risk">
      <Panel title="Limits: used of allowed">
        <div className="limits-room">
          <Answer query={useRisk()}>
            {({ limits }) =>
              limits.length === 0 ? (
                <Empty title="No limit is set">Sections trading and risk_management of the configuration set them.</Empty>
              ) : (
                <div className="limits">
                  {limits.map((limit) => (
                    <LimitUse key={limit.name} limit={limit} />
                  ))}
                </div>
              )
            }
          </Answer>
        </div>
      </Panel>
      <Panel title="Refused orders" flush>
        <Answer query={useVerdicts()} height={240}>
          {({ items }) => (
            <DataTable
              label="Refused orders"
              columns={COLUMNS}
              rows={items.filter((it) => !it.allowed)}
              keyOf={(it) => `${it.time}${it.order_id}${it.rule}`}
              height={480}
              empty={<Empty title="None refused">Every order that a limit or a rule denied stands here, with the figures.</Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
