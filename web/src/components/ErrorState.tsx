import { ApiError } from "../api/client";
import { Prose } from "./Prose";

interface Props {
  readonly error: Error;
  /** What the page calls a field of the request, by its name in the API. */
  readonly names?: Readonly<Record<string, string>>;
}

export function ErrorState({ error, names = {} }: Props) {
  const [field] = error instanceof ApiError ? error.fields : [];
  const name = field && names[field.field];
  const said = name ? error.message.replace(`${field.field}:`, `${name}:`) : error.message;
  const mend = error instanceof ApiError ? error.mend : "";
  return (
    <div className="notice" data-tone="down" role="alert">
      <p>
        <Prose>{said}</Prose>
      </p>
      {mend !== "" && !error.message.includes(mend) && <p className="quiet"><Prose>{mend}</Prose></p>}
    </div>
  );
}
