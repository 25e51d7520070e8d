import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { useSignals } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { type Column, DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { Time } from "../../components/Time";
import { exact } from "../../format/numbers";

const COLUMNS: readonly Column<Schemas["Signal"]>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} /> },
  { title: "Market", cell: (it) => it.symbol },
  { title: "Signal", cell: (it) => it.action },
  { title: "Stop", cell: (it) => exact(it.stop_loss), isNumber: true },
  { title: "Target", cell: (it) => exact(it.take_profit), isNumber: true },
];

export function LatestSignals() {
  return (
    <Panel title="Latest signals" className="span-6" flush actions={<Link to="/decisions">Why each was taken</Link>}>
      <Answer query={useSignals()} height={270}>
        {(page) => (
          <DataTable
            label="Latest signals"
            columns={COLUMNS}
            rows={page.items.slice(0, 8)}
            keyOf={(it) => `${it.time}${it.symbol}${it.order_id}${it.action}`}
            empty={<Empty title="No signal yet">The strategy has not spoken in this account.</Empty>}
          />
        )}
      </Answer>
    </Panel>
  );
}
