import { useMemo, useState } from "react";
import { useSession } from "../api/queries/system";
import { useBot, useOrders } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Pager } from "../components/Pager";
import { Panel } from "../components/Panel";
import { usePages } from "../components/usePages";
import { Page } from "../layout/Page";
import { type Order, orderColumns } from "./orders/columns";
import { OrderTimeline } from "./orders/OrderTimeline";
import { PlaceOrder } from "./orders/PlaceOrder";

const EMPTY = <Empty title="No order yet">An order stands here from its intent on, before it leaves for the venue.</Empty>;

const timelineOf = (order: Order) => <OrderTimeline order={order} />;

/** Every order with its way to the end; one can be placed and taken back by hand. */
export function Orders() {
  const pages = usePages();
  const orders = useOrders(false, pages.place);
  const [chosen, setChosen] = useState<string | null>(null);
  const [isPlacing, setIsPlacing] = useState(false);
  const columns = useMemo(() => orderColumns(chosen, setChosen), [chosen]);
  const isViewer = useSession().data?.role === "viewer";
  const bot = useBot().data;
  const hasBot = bot !== undefined && bot.phase !== "absent";
  return (
    <Page
      title="Orders"
      actions={
        hasBot && !isPlacing && (
          <button type="button" className="button" disabled={isViewer} title={isViewer ? "Viewers may look, not act. Log in as operator." : undefined} onClick={() => setIsPlacing(true)}>
            Place an order
          </button>
        )
      }
    >
      {isPlacing && <PlaceOrder onClose={() => setIsPlacing(false)} />}
      <Answer query={orders} height={400}>
        {(page) => {
          const { items } = page;
          const unknown = items.filter((it) => it.state === "unknown");
          return (
            <>
              {unknown.length > 0 && (
                <Panel title="Of unknown fate: asked about, never sent again" flush>
                  <DataTable label="Unknown orders" columns={columns} rows={unknown} keyOf={(it) => it.order_id} empty={null} />
                </Panel>
              )}
              <Panel title="All orders" flush>
                <DataTable label="All orders" columns={columns} rows={items} keyOf={(it) => it.order_id} empty={EMPTY} height={640} unfolded={{ key: chosen, show: timelineOf }} page={pages.number} />
                <Pager label="orders" pages={pages} page={page} isTurning={orders.isPlaceholderData} />
              </Panel>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
