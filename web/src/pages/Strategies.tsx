import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useStrategies } from "../api/queries/research";
import { Answer } from "../components/Answer";
import { Panel } from "../components/Panel";
import { Tag } from "../components/Tag";
import { Page } from "../layout/Page";
import { ParameterTable } from "./ParameterTable";

export function Strategies() {
  const [wanted, setWanted] = useState("");
  const search = (
    <input type="search" aria-label="Search strategies" placeholder="Name or description" value={wanted} onChange={(event) => setWanted(event.target.value)} />
  );
  return (
    <Page title="Strategies" actions={search}>
      <Answer query={useStrategies()} height={600}>
        {({ strategies, broken }) => (
          <>
            {broken.map((fact) => (
              <p key={fact} className="notice" data-tone="warn">
                {fact}
              </p>
            ))}
            {strategies
              .filter((it) => `${it.name} ${it.summary}`.toLowerCase().includes(wanted.toLowerCase()))
              .map((it) => (
                <Panel
                  key={it.name}
                  title={`${it.name} ${it.version}`}
                  actions={
                    <div className="row">
                      <Tag>{it.origin}</Tag>
                      <Link to="/backtests" search={{ strategy: it.name }}>
                        Backtest it
                      </Link>
                    </div>
                  }
                >
                  <p>{it.summary}</p>
                  <details>
                    <summary>Parameters and documentation</summary>
                    <p className="docs">{it.docs}</p>
                    <ParameterTable strategy={it} />
                  </details>
                </Panel>
              ))}
          </>
        )}
      </Answer>
    </Page>
  );
}
