import { useOrders } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { ORDER_COLUMNS } from "../orders/columns";

export function OpenOrders() {
  return (
    <Panel title="Working orders" className="span-12" flush>
      <Answer query={useOrders(true)} height={110}>
        {(page) => (
          <DataTable
            label="Working orders"
            columns={ORDER_COLUMNS}
            rows={page.items}
            keyOf={(it) => it.order_id}
            empty={<Empty title="No working order">Entries, stops and targets that rest at the venue stand here.</Empty>}
          />
        )}
      </Answer>
    </Panel>
  );
}
