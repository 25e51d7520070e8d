import { type FormEvent, useState } from "react";
import { useLogin } from "../api/queries/system";
import { ErrorState } from "../components/ErrorState";

export function Login() {
  const login = useLogin();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(password);
  };
  return (
    <main className="login">
      <title>Log in – tradebot</title>
      <form className="panel" onSubmit={submit}>
        <h1>tradebot</h1>
        <label className="field">
          <span>Password of the operator or the viewer</span>
          <input
            type="password"
            autoComplete="current-password"
            autoFocus
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {login.error !== null && <ErrorState error={login.error} />}
        <button type="submit" className="button" data-kind="primary" disabled={login.isPending}>
          Log in
        </button>
      </form>
    </main>
  );
}
