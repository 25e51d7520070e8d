/** Session, configuration, logs and health: a hook for each endpoint. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, answered, api, keepCsrfToken, type Schemas } from "../client";
import { stream } from "../stream";

async function askSession(): Promise<Schemas["SessionState"] | null> {
  try {
    const session = await answered(api.GET("/api/v1/session"));
    keepCsrfToken(session.csrf_token ?? "");
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who one is; `null` for a stranger, which is an answer and no failure: the login stays while it is asked again. */
export const useSession = () => useQuery({ queryKey: ["session"], staleTime: 30_000, queryFn: askSession });

export function useLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => answered(api.POST("/api/v1/session", { body: { password } })),
    onSuccess: (session) => {
      keepCsrfToken(session.csrf_token ?? "");
      stream.retry();
      return queries.invalidateQueries();
    },
  });
}

/** Ends the session; the page begins anew, so that nothing read in it is left. */
export const useLogout = () =>
  useMutation({ mutationFn: () => api.DELETE("/api/v1/session"), onSettled: () => location.assign("/") });

export const useHealthDetailed = () =>
  useQuery({
    queryKey: ["health"],
    refetchInterval: 5000,
    queryFn: () => answered(api.GET("/api/v1/status/health/detailed")),
  });

export const useConfig = () => useQuery({ queryKey: ["config"], queryFn: () => answered(api.GET("/api/v1/config")) });

type Document = Record<string, unknown>;

export const useValidateConfig = () =>
  useMutation({ mutationFn: (body: Document) => answered(api.POST("/api/v1/config/validate", { body })) });

export function useWriteConfig() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, etag }: { body: Document; etag: string }) =>
      answered(api.PUT("/api/v1/config", { params: { header: { "if-match": etag } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["config"] }),
  });
}

export const useLogs = (name: string, search: string) =>
  useQuery({
    queryKey: ["logs", name, search],
    refetchInterval: 3000,
    queryFn: () => answered(api.GET("/api/v1/logs", { params: { query: { name, search } } })),
  });
