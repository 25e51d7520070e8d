import { Outlet } from "@tanstack/react-router";
import { ApiError } from "../api/client";
import { useSession } from "../api/queries/system";
import { Login } from "../pages/Login";
import { Header } from "./Header";
import { Nav } from "./Nav";

export function Shell() {
  const session = useSession();
  if (session.error instanceof ApiError && session.error.status === 401) return <Login />;
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
