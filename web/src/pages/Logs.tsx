import { useState } from "react";
import type { Schemas } from "../api/client";
import { useLogs } from "../api/queries/system";
import { useAudit } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import type { Column } from "../components/column";
import { DataTable } from "../components/DataTable";
import { Empty } from "../components/Empty";
import { Pager } from "../components/Pager";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { words } from "../format/words";
import { usePages } from "../components/usePages";
import { Page } from "../layout/Page";

/** As high with few entries as with many, so that the log below stays while one searches. */
const AUDIT_ROOM = 260;

const COLUMNS: readonly Column<Schemas["AuditEntry"]>[] = [
  { title: "Time", cell: (it) => <Time at={it.time} />, sortBy: (it) => it.time ?? "" },
  { title: "What", cell: (it) => words(it.kind), sortBy: (it) => it.kind },
  { title: "Who", cell: (it) => it.operator || "bot", sortBy: (it) => it.operator },
  { title: "Text", cell: (it) => it.text, wrap: true },
];

export function Logs() {
  const [name, setName] = useState("");
  const [search, setSearch] = useState("");
  const logs = useLogs(name, search);
  const pages = usePages();
  const audit = useAudit(pages.place);
  const [wanted, setWanted] = useState("");
  return (
    <Page title="Logs and audit">
      <Panel
        title="Audit: what operators did, and what the bot told"
        flush
        actions={<input type="search" aria-label="Search the audit" placeholder="Who, what, text" value={wanted} onChange={(event) => setWanted(event.target.value)} />}
      >
        <div style={{ minHeight: AUDIT_ROOM }}>
          <Answer query={audit}>
            {(page) => (
              <>
                <DataTable
                  label="Audit"
                  columns={COLUMNS}
                  rows={page.items.filter((it) => `${words(it.kind)} ${it.operator} ${it.text}`.toLowerCase().includes(wanted.toLowerCase()))}
                  keyOf={(it) => it.id}
                  height={320}
                  page={pages.number}
                  empty={
                    wanted ? (
                      <Empty title="No entry">None on this page matches; clear the search, or turn the page.</Empty>
                    ) : (
                      <Empty title="Nothing yet">Starts, stops, commands and halts are kept here for good.</Empty>
                    )
                  }
                />
                <Pager label="the audit" pages={pages} page={page} isTurning={audit.isPlaceholderData} />
              </>
            )}
          </Answer>
        </div>
      </Panel>
      <Panel
        title="Log"
        flush
        actions={
          <div className="row">
            <select aria-label="Log file" value={name} onChange={(event) => setName(event.target.value)} style={{ width: "auto" }}>
              <option value="">main log</option>
              {logs.data?.files.map((file) => <option key={file.name}>{file.name}</option>)}
            </select>
            <input type="search" aria-label="Search the log" placeholder="Search" value={search} onChange={(event) => setSearch(event.target.value)} />
          </div>
        }
      >
        <Answer query={logs} height={300}>
          {({ lines }) =>
            lines.length === 0 ? (
              <Empty title="No line">
                {search ? "None holds that text; clear the search." : name || logs.data?.name ? `Nothing is written to ${name || logs.data?.name} yet.` : "No log file is written; logging.log_file in the configuration names one."}
              </Empty>
            ) : (
              <pre className="log" tabIndex={0} aria-label="Log lines">
                {lines.join("\n")}
              </pre>
            )
          }
        </Answer>
      </Panel>
    </Page>
  );
}
