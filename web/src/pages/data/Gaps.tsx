import type { Schemas } from "../../api/client";
import { useSeries } from "../../api/queries/research";
import { Answer } from "../../components/Answer";
import type { Column } from "../../components/column";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { Panel } from "../../components/Panel";
import { Tag } from "../../components/Tag";
import { Time } from "../../components/Time";
import { count } from "../../format/numbers";

type Gap = Schemas["Gap"];

const COLUMNS: readonly Column<Gap>[] = [
  { title: "From", cell: (it) => <Time at={it.start} />, sortBy: (it) => it.start },
  { title: "To", cell: (it) => <Time at={it.end} />, sortBy: (it) => it.end },
  { title: "Bars missing", cell: (it) => count(it.missing), sortBy: (it) => it.missing, isNumber: true },
  {
    title: "Whose",
    cell: (it) => (it.is_markets_own ? <Tag>the market's: its provider has none</Tag> : <Tag tone="warn">ours: download it again</Tag>),
  },
];

/** Bars of a series that are not there, and what is wrong with those that are. */
export function Gaps({ symbol, interval }: { readonly symbol: string; readonly interval: string }) {
  return (
    <Panel title={`Gaps of ${symbol} ${interval}`} flush>
      <Answer query={useSeries(symbol, interval)} height={60}>
        {({ gaps, faults }) => (
          <>
            {faults.map((fault) => (
              <p key={fault} className="notice" data-tone="warn">
                {fault}
              </p>
            ))}
            <DataTable
              label="Gaps"
              columns={COLUMNS}
              rows={gaps}
              keyOf={(it) => it.start}
              height={260}
              empty={<Empty title="None">Every bar of the market's hours is there, from the first to the last.</Empty>}
            />
          </>
        )}
      </Answer>
    </Panel>
  );
}
