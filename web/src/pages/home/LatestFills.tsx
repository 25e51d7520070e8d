import { Link } from "@tanstack/react-router";
import { useFills } from "../../api/queries/trading";
import { Answer } from "../../components/Answer";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { LATEST_FILL_COLUMNS } from "../trades/columns";

export function LatestFills() {
  return (
    <Panel title="Latest fills" className="span-6" flush actions={<Link to="/trades">All trades</Link>}>
      <Answer query={useFills()} height={270}>
        {(page) => (
          <DataTable
            label="Latest fills"
            columns={LATEST_FILL_COLUMNS}
            rows={page.items.slice(0, 8)}
            keyOf={(it) => `${it.symbol}${it.trade_id}`}
            empty={<Empty title="No fill yet">Each trade the venue reports is listed here.</Empty>}
          />
        )}
      </Answer>
    </Panel>
  );
}
