import { Fragment } from "react";

/** A sentence in which commands and keys stand between backticks, as the server tells it. */
export function Prose({ children }: { readonly children: string }) {
  return children.split("`").map((part, index) => (
    <Fragment key={`${index}${part}`}>{index % 2 === 1 ? <code>{part}</code> : part}</Fragment>
  ));
}
