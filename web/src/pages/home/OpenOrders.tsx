import { useOrders } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { WORKING_COLUMNS } from "../orders/columns";

/** As high as with a stop and a target, so that nothing moves when there is none. */
const ROOM = 91;

export function OpenOrders() {
  return (
    <Panel title="Working orders" className="span-12" flush>
      <div style={{ minHeight: ROOM }}>
        <Answer query={useOrders(true)}>
          {(page) => (
            <DataTable
              label="Working orders"
              columns={WORKING_COLUMNS}
              rows={page.items}
              keyOf={(it) => it.order_id}
              empty={<Empty title="No working order">Entries, stops and targets that rest at the venue stand here.</Empty>}
            />
          )}
        </Answer>
      </div>
    </Panel>
  );
}
