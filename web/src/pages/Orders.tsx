import { useState } from "react";
import { useOrders } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { type Column, DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { ORDER_COLUMNS, type Order } from "./orders/columns";
import { OrderTimeline } from "./orders/OrderTimeline";

const EMPTY = <Empty title="No order yet">An order stands here from its intent on, before it leaves for the venue.</Empty>;

export function Orders() {
  const [chosen, setChosen] = useState<string | null>(null);
  const columns: readonly Column<Order>[] = [
    ...ORDER_COLUMNS.slice(0, -1),
    {
      title: "Order",
      cell: (it) => (
        <button
          type="button"
          className="button mono"
          data-kind="quiet"
          aria-expanded={it.order_id === chosen}
          onClick={() => setChosen(it.order_id === chosen ? null : it.order_id)}
        >
          {it.order_id}
        </button>
      ),
    },
  ];
  return (
    <Page title="Orders">
      <Answer query={useOrders()} height={400}>
        {({ items }) => {
          const unknown = items.filter((it) => it.state === "unknown");
          const order = items.find((it) => it.order_id === chosen);
          return (
            <>
              {unknown.length > 0 && (
                <Panel title="Of unknown fate: asked about, never sent again" flush>
                  <DataTable label="Unknown orders" columns={columns} rows={unknown} keyOf={(it) => it.order_id} empty={null} />
                </Panel>
              )}
              {order !== undefined && <OrderTimeline order={order} />}
              <Panel title="All orders" flush>
                <DataTable label="All orders" columns={columns} rows={items} keyOf={(it) => it.order_id} empty={EMPTY} height={640} />
              </Panel>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
