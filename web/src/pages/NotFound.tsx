import { Link } from "@tanstack/react-router";
import { Page } from "../layout/Page";

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        <Link to="/">Go home</Link>, or choose a page on the left.
      </p>
    </Page>
  );
}
