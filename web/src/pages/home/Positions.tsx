import type { Schemas } from "../../api/client";
import { useClosePosition, usePositions } from "../../api/queries/trading";
import { ActionButton } from "../../components/ActionButton";
import { Answer } from "../../components/Answer";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { Tag } from "../../components/Tag";
import { exact, NOTHING, percent, signed, tone } from "../../format/numbers";
import { LastPrice } from "./LastPrice";

type Position = Schemas["Position"];

function Stop({ position }: { readonly position: Position }) {
  // The record of a bot that does not run tells nothing of what rests.
  if (position.mark_price == null) return <Tag>not seen</Tag>;
  if (position.stop_price == null) return <Tag tone="down">no stop</Tag>;
  return (
    <>
      {exact(position.stop_price)}{" "}
      {position.is_stop_confirmed ? <Tag tone="up">at venue</Tag> : <Tag tone="warn">not confirmed</Tag>}
    </>
  );
}

function liquidation(position: Position): string {
  const { liquidation_price: at, liquidation_distance: distance } = position;
  return at == null ? NOTHING : `${exact(at)} (${percent(distance, 1)})`;
}

const CLOSING = ["What is held is closed by a market order.", "Its stop and its target go with it.", "The strategy may enter again at its next signal."];

function Close({ symbol }: { readonly symbol: string }) {
  return <ActionButton label="Close" subject={symbol} effects={CLOSING} action={useClosePosition(symbol)} />;
}

const marketOf = (it: Position): string => it.symbol;

const COLUMNS: readonly Column<Position>[] = [
  { title: "Market", cell: (it) => it.symbol, sortBy: (it) => it.symbol },
  { title: "Side", cell: (it) => <span className={tone(it.quantity)}>{it.quantity < 0 ? "short" : "long"}</span> },
  { title: "Quantity", figure: (it) => Math.abs(it.quantity), marketOf },
  { title: "Entry", figure: (it) => it.entry_price, marketOf },
  { title: "Last", cell: (it) => <LastPrice symbol={it.symbol} mark={it.mark_price} />, isNumber: true },
  { title: "Mark", figure: (it) => it.mark_price, marketOf },
  {
    title: "P&L",
    cell: (it) => <span className={tone(it.unrealized_pnl, 2)}>{signed(it.unrealized_pnl)}</span>,
    sortBy: (it) => it.unrealized_pnl ?? 0,
    isNumber: true,
  },
  { title: "Stop", cell: (it) => <Stop position={it} />, isNumber: true },
  { title: "Target", figure: (it) => it.target_price, marketOf },
  { title: "Liquidation", cell: liquidation, isNumber: true },
  { title: "By hand", cell: (it) => (it.mark_price == null ? NOTHING : <Close symbol={it.symbol} />), isNumber: true },
];

/** As high as with one position, so that nothing moves when there is one. */
const ROOM = 61;
const MOST_ROOM = 520;

export function Positions() {
  return (
    <Panel title="Positions" className="span-12" flush>
      <div style={{ minHeight: ROOM }}>
        <Answer query={usePositions()}>
          {(held) => (
            <DataTable
              label="Positions"
              columns={COLUMNS}
              rows={held.positions}
              keyOf={(it) => it.symbol}
              height={MOST_ROOM}
              empty={<Empty title="Flat">Nothing is held. A position appears here as soon as an entry fills.</Empty>}
            />
          )}
        </Answer>
      </div>
    </Panel>
  );
}
