import { useState } from "react";
import type { Schemas } from "../api/client";
import { useConfig, useSession, useValidateConfig, useWriteConfig } from "../api/queries/system";
import { useBot } from "../api/queries/trading";
import { Answer } from "../components/Answer";
import { ErrorState } from "../components/ErrorState";
import { Panel } from "../components/Panel";
import { Page } from "../layout/Page";
import { Diff } from "./configuration/Diff";
import { parseDocument } from "./configuration/parseDocument";
import { Pending } from "./configuration/Pending";
import { NoBot } from "./NoBot";

const spelled = (document: unknown) => JSON.stringify(document, null, 2);

interface Props {
  readonly shown: Schemas["ConfigurationShown"];
  readonly bot: Schemas["BotStatus"];
}

function Editor({ shown, bot }: Props) {
  const before = spelled(shown.document ?? shown.configuration);
  const [text, setText] = useState(before);
  const validate = useValidateConfig();
  const write = useWriteConfig();
  const isViewer = useSession().data?.role === "viewer";
  const { document, error } = parseDocument(text);
  const check = write.data ?? validate.data;
  const edit = (changed: string) => {
    setText(changed);
    validate.reset();
    write.reset();
  };
  const isChecked = validate.data?.is_valid === true;
  return (
    <div className="grid">
      <Panel title={`Document ${shown.source}`} className="span-6">
        <textarea
          aria-label="Configuration as JSON"
          rows={28}
          spellCheck={false}
          value={text}
          aria-invalid={error !== "" || check?.is_valid === false}
          onChange={(event) => edit(event.target.value)}
        />
        <div className="row">
          <button type="button" className="button" data-kind="primary" disabled={document === null} onClick={() => document && validate.mutate(document)}>
            Check
          </button>
          <button type="button" className="button" disabled={!isChecked || isViewer || document === null || text === before} onClick={() => document && write.mutate({ body: document, etag: shown.etag })}>
            Write to the file
          </button>
          <button type="button" className="button" disabled={text === before} onClick={() => edit(before)}>
            Take the changes back
          </button>
        </div>
      </Panel>
      <div className="span-6 page">
        <Pending shown={shown} bot={bot} />
        <Panel title="Findings">
          {error !== "" && <p className="notice" data-tone="down" role="alert">{error}</p>}
          {(validate.error ?? write.error) !== null && <ErrorState error={(validate.error ?? write.error) as Error} />}
          {check === undefined && error === "" && <p className="quiet">Check tells everything that is wrong, before anything is written.</p>}
          {write.data?.is_valid === true && <p className="notice" data-tone="up" role="status">Written. The bot goes on as it is until it is started with the file.</p>}
          {isChecked && write.data === undefined && <p className="notice" data-tone="up" role="status">Nothing is wrong with it.</p>}
          <ul>
            {check?.problems.map((problem) => (
              <li key={problem.path + problem.fact} className="notice" data-tone="down" role="alert">
                <code>{problem.path}</code>: {problem.fact} <span className="quiet">{problem.mend}</span>
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title="Your changes to the file" flush>
          <Diff before={before} after={text} />
        </Panel>
      </div>
    </div>
  );
}

export function Configuration() {
  const config = useConfig();
  const bot = useBot().data;
  return (
    <Page title="Configuration">
      {bot?.phase === "absent" ? (
        <NoBot />
      ) : (
        <Answer query={config} height={600}>
          {(shown) => bot !== undefined && <Editor key={shown.etag} shown={shown} bot={bot} />}
        </Answer>
      )}
    </Page>
  );
}
