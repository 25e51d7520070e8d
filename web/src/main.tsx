import "@fontsource-variable/inter/wght.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { stream } from "./api/stream";
import { refreshFromStream } from "./api/streaming";
import { router } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/header.css";
import "./styles/nav.css";
import "./styles/layout.css";
import "./styles/panels.css";
import "./styles/buttons.css";
import "./styles/forms.css";
import "./styles/tables.css";
import "./styles/charts.css";
import "./styles/dialogs.css";
import "./styles/phone.css";

const RETRIES = 2;

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The session has ended. Who one is is asked again, and the answer leads to the login.
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401) void queries.invalidateQueries({ queryKey: ["session"] });
    },
  }),
  defaultOptions: {
    queries: {
      // A refusal stays one; only a server that is away or fails is asked again.
      retry: (failures, error) =>
        failures < RETRIES && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
refreshFromStream(queries);
stream.open();

const element = document.getElementById("root");
if (element === null) throw new Error("index.html has no element #root");
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
