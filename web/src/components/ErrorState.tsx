import { ApiError } from "../api/client";

export function ErrorState({ error }: { readonly error: Error }) {
  const mend = error instanceof ApiError ? error.mend : "";
  return (
    <div className="notice" data-tone="down" role="alert">
      <p>{error.message}</p>
      {mend !== "" && !error.message.includes(mend) && <p className="quiet">{mend}</p>}
    </div>
  );
}
