import { Outlet } from "@tanstack/react-router";
import { useSession } from "../api/queries/system";
import { ErrorState } from "../components/ErrorState";
import { Login } from "../pages/Login";
import { Header } from "./Header";
import { Nav } from "./Nav";

export function Shell() {
  const session = useSession();
  if (session.data === null) return <Login />;
  if (session.data === undefined) return session.error && <ErrorState error={session.error} />;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the page
      </a>
      <Header />
      <Nav />
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
