import type { Schemas } from "../api/client";
import { useBot, useOrders, usePositions } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { type Column, DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Panel } from "../components/Panel";
import { Tag } from "../components/Tag";
import { Time } from "../components/Time";
import { count, exact } from "../format/numbers";
import { Page } from "../layout/Page";

type Market = Schemas["Markets"];

function verdict(market: Market) {
  if (market.quarantined) return <Tag tone="down">not explained: closed to entries</Tag>;
  if (market.unresolved > 0) return <Tag tone="warn">asking the venue</Tag>;
  return <Tag tone="up">explained</Tag>;
}

/** Each market's books: what is held, what rests, and whether the bot's comparison with the venue explains it. */
export function Reconcile() {
  const positions = usePositions().data?.positions ?? [];
  const orders = useOrders(true).data?.items ?? [];
  const columns: readonly Column<Market>[] = [
    { title: "Market", cell: (it) => it.symbol },
    { title: "Held", cell: (it) => exact(positions.find((held) => held.symbol === it.symbol)?.quantity ?? 0), isNumber: true },
    { title: "Working orders", cell: (it) => count(orders.filter((order) => order.symbol === it.symbol).length), isNumber: true },
    { title: "Unknown orders", cell: (it) => count(it.unresolved), isNumber: true },
    { title: "Against the venue", cell: verdict },
    { title: "Data", cell: (it) => <Tag tone={it.is_fresh ? "up" : "down"}>{it.is_fresh ? "fresh" : "stale"}</Tag> },
    { title: "Last bar", cell: (it) => <Time at={it.last_bar} /> },
  ];
  return (
    <Page title="Reconcile">
      <p className="quiet">
        The bot compares its books with the venue's account at its start and again and again while it runs. A position
        that trades do not explain closes its market to entries; seen twice, it halts the bot.
      </p>
      <Panel title="Books by market" flush>
        <Answer query={useBot()} height={160}>
          {(bot) => (
            <DataTable
              label="Books by market"
              columns={columns}
              rows={bot.markets ?? []}
              keyOf={(it) => it.symbol}
              empty={<Empty title="No market">A running bot shows here what it holds against the venue's account.</Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
