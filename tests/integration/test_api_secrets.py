"""A canary secret is planted wherever secrets are, and looked for in everything that comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from served_api import API, REQUEST
from served_bot import CONFIGURATION, heard, listen, served_bot, until
from tradebot.api.access.roles import Role
from tradebot.api.access.tokens import Tokens
from tradebot.api.settings import ApiSettings
from tradebot.core.redaction import Redactor
from tradebot.telemetry.logs import Logs

CANARY = "Canary7SecretThatNobodyMaySee42"


def test_no_answer_and_no_log_holds_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    for name in ("BINANCE_API_SECRET", "BINANCE_API_KEY", "TELEGRAM_BOT_TOKEN", "SMTP_PASSWORD"):
        monkeypatch.setenv(name, CANARY)
    tokens = tmp_path / "tokens.json"
    token = Tokens(tokens).create("test", Role.OPERATOR)
    settings = ApiSettings(operator_password=CANARY, tokens=tokens)
    log_file = tmp_path / "logs" / "bot.log"
    told: list[str] = []
    with (
        Logs(log_file, level="DEBUG", redactor=Redactor([CANARY])),
        served_bot(tmp_path, settings=settings, Authorization=f"Bearer {token}") as client,
    ):
        with_secret = CONFIGURATION | {"broker": {"type": "mock", "apiSecret": CANARY}}
        asked = [
            client.post(f"{API}/session", json={"password": CANARY}),
            client.post(f"{API}/session", json={"password": f"{CANARY}x"}),
            client.post(f"{API}/session", json={"password": {"nested": CANARY}}),
            client.post(f"{API}/config/validate", json=with_secret),
            client.put(f"{API}/config", json=with_secret),
        ]
        run = until(lambda: client.get(f"{API}/orders").json()["items"])[0]["order_id"]
        backtest = client.post(f"{API}/backtests", json=REQUEST).json()["id"]
        until(lambda: client.get(f"{API}/backtests/{backtest}").json()["state"] == "done")
        places = {"symbol": "MOCKUSDT", "interval": "1m", "name": "sma_cross", "id": backtest, "order_id": run}
        document = client.get("/openapi.json").json()
        for path, operations in document["paths"].items():
            if "get" in operations and not path.endswith("/stream"):
                asked.append(client.get(path.format(**places)))
                # What nobody asks for in the address is in no answer and no log either.
                asked.append(client.get(path.format(**places), params={"access_token": CANARY}))
        with listen(client, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
            told += [str(heard(socket)) for _ in range(20)]
        told += [answer.text + str(answer.headers) for answer in asked]
    log = "".join(file.read_text() for file in log_file.parent.iterdir())
    assert len(asked) > 70
    assert sum(answer.status_code == 200 for answer in asked) > 50
    assert log
    for text in (*told, log):
        assert CANARY not in text
        assert token not in text
