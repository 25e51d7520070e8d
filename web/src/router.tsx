import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Shell } from "./layout/Shell";
import { Home } from "./pages/Home";
import { NotFound } from "./pages/NotFound";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const page = <const P extends string>(path: P, component: Parameters<typeof createRoute>[0]["component"]) =>
  createRoute({ getParentRoute: () => root, path, ...(component === undefined ? {} : { component }) });

export const router = createRouter({
  routeTree: root.addChildren([
    page("/", Home),
    page("/chart", lazyRouteComponent(() => import("./pages/Chart"), "Chart")),
    page("/decisions", lazyRouteComponent(() => import("./pages/Decisions"), "Decisions")),
    page("/orders", lazyRouteComponent(() => import("./pages/Orders"), "Orders")),
    page("/trades", lazyRouteComponent(() => import("./pages/Trades"), "Trades")),
    page("/risk", lazyRouteComponent(() => import("./pages/Risk"), "Risk")),
    page("/reconcile", lazyRouteComponent(() => import("./pages/Reconcile"), "Reconcile")),
    page("/backtests", lazyRouteComponent(() => import("./pages/Backtests"), "Backtests")),
    page("/backtests/$id", lazyRouteComponent(() => import("./pages/BacktestReport"), "BacktestReport")),
    page("/strategies", lazyRouteComponent(() => import("./pages/Strategies"), "Strategies")),
    page("/data", lazyRouteComponent(() => import("./pages/Data"), "Data")),
    page("/configuration", lazyRouteComponent(() => import("./pages/Configuration"), "Configuration")),
    page("/logs", lazyRouteComponent(() => import("./pages/Logs"), "Logs")),
  ]),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
