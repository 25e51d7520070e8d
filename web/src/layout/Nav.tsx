import { Link, useLocation } from "@tanstack/react-router";
import { Fragment, useEffect, useRef } from "react";
import { useLogout, useSession } from "../api/queries/system";
import { changeSettings, useSettings } from "../settings/settings";

const GROUPS = [
  ["Trading", [["/", "Home"], ["/chart", "Chart"], ["/decisions", "Decisions"], ["/orders", "Orders"], ["/trades", "Trades"], ["/risk", "Risk"], ["/reconcile", "Reconcile"]]],
  ["Research", [["/backtests", "Backtest"], ["/strategies", "Strategies"], ["/data", "Data"]]],
  ["System", [["/configuration", "Configuration"], ["/logs", "Logs and audit"]]],
] as const;

export function Nav() {
  const { theme, zone } = useSettings();
  const session = useSession().data;
  const logout = useLogout();
  const element = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    // On a phone the pages stand in a row that is wider than it.
    const nav = element.current;
    const link = nav?.querySelector<HTMLElement>("[aria-current=page]");
    if (nav && link) nav.scrollLeft = link.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
  }, [pathname]);
  return (
    <nav className="nav" ref={element} aria-label="Pages" tabIndex={-1}>
      {GROUPS.map(([group, pages]) => (
        <Fragment key={group}>
          <h2>{group}</h2>
          {pages.map(([to, title]) => (
            <Link key={to} to={to} activeOptions={{ exact: to === "/" }}>
              {title}
            </Link>
          ))}
        </Fragment>
      ))}
      <footer>
        <button
          type="button"
          className="button"
          data-kind="quiet"
          onClick={() => changeSettings({ zone: zone === "utc" ? "local" : "utc" })}
        >
          Times: {zone === "utc" ? "UTC" : "local"}
        </button>
        <button
          type="button"
          className="button"
          data-kind="quiet"
          onClick={() => changeSettings({ theme: theme === "dark" ? "light" : "dark" })}
        >
          Theme: {theme}
        </button>
        {session?.way === "session" && (
          <button type="button" className="button" data-kind="quiet" onClick={() => logout.mutate()}>
            Log out, {session.name}
          </button>
        )}
      </footer>
    </nav>
  );
}
