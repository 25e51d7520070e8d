import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { useSignals } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { Time } from "../../components/Time";
import { percent } from "../../format/numbers";

const SHOWN = 8;
const TONES: Readonly<Record<string, string>> = { long: "up", short: "down" };

const COLUMNS: readonly Column<Schemas["Signal"]>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} /> },
  { title: "Market", cell: (it) => it.symbol },
  { title: "Signal", cell: (it) => <span className={TONES[it.action] ?? ""}>{`${it.action} ${it.tag}`.trim()}</span> },
  { title: "Confidence", cell: (it) => percent(it.confidence, 0), isNumber: true },
  { title: "Order", cell: (it) => <code>{it.order_id}</code> },
];

export function LatestSignals() {
  return (
    <Panel title="Latest signals" className="span-6" flush actions={<Link to="/decisions">Why each was taken</Link>}>
      <Answer query={useSignals()} height={270}>
        {(page) => (
          <DataTable
            label="Latest signals"
            columns={COLUMNS}
            rows={page.items.filter((it) => it.order_id !== "").slice(0, SHOWN)}
            keyOf={(it) => `${it.time}${it.symbol}${it.order_id}${it.action}`}
            empty={<Empty title="No signal yet">The strategy has asked for no order in this account.</Empty>}
          />
        )}
      </Answer>
    </Panel>
  );
}
