/** Asks the API: typed by its OpenAPI document, with the session's token on everything that changes something. */
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.gen";

export type Schemas = components["schemas"];

/** A request that the API refused, or that never reached it (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly mend: string,
    readonly fields: readonly Schemas["FieldProblem"][] = [],
  ) {
    super(message);
  }
}

/** A question that has no answer by then gets none: the server hangs, or the line to it is cut. */
const PATIENCE_MS = 20_000;

let csrfToken = "";

export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

const withToken: Middleware = {
  onRequest({ request }) {
    if (request.method === "GET") return new Request(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (csrfToken !== "") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  onError() {
    return new ApiError(0, "The server does not answer.", "See that it runs; this page asks again by itself.");
  },
};

export const api = createClient<paths>({ baseUrl: "/" });
api.use(withToken);

function isProblem(value: unknown): value is Schemas["Problem"] {
  return typeof value === "object" && value !== null && "detail" in value && typeof value.detail === "string";
}

/** The answer of a request, or the problem thrown as an `ApiError`. */
export async function answered<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok && data !== undefined) return data;
  if (isProblem(error)) throw new ApiError(response.status, error.detail, error.mend ?? "", error.errors ?? []);
  throw new ApiError(response.status, `The server answered ${response.status}.`, "The log tells more.");
}
