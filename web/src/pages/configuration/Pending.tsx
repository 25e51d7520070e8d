import type { Schemas } from "../../api/client";
import { Panel } from "../../components/Panel";
import { ChangeTable } from "./ChangeTable";
import { stepsTo } from "./steps";

interface Props {
  readonly shown: Schemas["ConfigurationShown"];
  readonly bot: Schemas["BotStatus"];
}

/** What runs beside what the file says, and how the file comes into force. */
export function Pending({ shown, bot }: Props) {
  if (!shown.is_pending) {
    return <p className="notice" data-tone="up">What runs is what the file says.</p>;
  }
  return (
    <Panel title="Running, and in the file" flush>
      {shown.problems.length > 0 ? (
        <ul>
          {shown.problems.map(({ path, fact, mend }) => (
            <li key={path + fact} className="notice" data-tone="down">
              The next start will not take the file. <code>{path}</code>: {fact} <span className="quiet">{mend}</span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <ChangeTable changes={shown.changes} />
          <div className="steps">
            <h3>The bot goes on as it is. To run the file instead:</h3>
            <ol>
              {stepsTo(shown, bot).map((step) => (
                <li key={step.text}>
                  {step.text} {step.command !== undefined && <code>{step.command}</code>}
                </li>
              ))}
            </ol>
          </div>
        </>
      )}
    </Panel>
  );
}
