import { Outlet, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useSession } from "../api/queries/system";
import { ErrorState } from "../components/ErrorState";
import { Login } from "../pages/Login";
import { Header } from "./Header";
import { LostServer } from "./LostServer";
import { Nav } from "./Nav";

const UNHURRIED_MS = 3000;

/** Fetch the other pages once the first one stands: they are then at hand when the server is not. */
function useAllPages(): void {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route);
    }, UNHURRIED_MS);
    return () => clearTimeout(timer);
  }, [router]);
}

export function Shell() {
  useAllPages();
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
      <LostServer />
    </div>
  );
}
