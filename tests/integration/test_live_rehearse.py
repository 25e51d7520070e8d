"""``tradebot live rehearse`` on the local exchange, and what its receipts open."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local_exchange import Running
from rehearsing import BRISK, MARKETS, STEPS, document, environment_of, exchange_of, held, resting
from tradebot.app.rehearsal import rehearsing, standard
from tradebot.cli.main import root
from tradebot.store.approvals import Approvals
from tradebot.store.rehearsals import Receipt, Rehearsals, Step

PASSED = tuple(Step(name=name, expected="it passes", said="it passed", seconds=1.0, passed=True) for name in STEPS)


@pytest.fixture(scope="module")
def venues() -> Iterator[dict[str, Running]]:
    with exchange_of("spot", balances={"BTC": Decimal(5)}) as spot, exchange_of("usdm") as usdm:
        yield {"spot": spot, "usdm": usdm}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def reach(venues: dict[str, Running], monkeypatch: pytest.MonkeyPatch) -> Any:
    def reached(market: str) -> Running:
        for name, value in environment_of(venues[market]).items():
            monkeypatch.setenv(name, value)
        return venues[market]

    return reached


def invoked(*words: str, market: str = "spot", **broker: Any) -> Result:
    Path("bot.json").write_text(document(market, **broker))
    return CliRunner().invoke(root, ["live", *words], prog_name="tradebot")


def receipt(**changes: Any) -> Receipt:
    wanted = standard()
    code = {"version": wanted.version, "digest": wanted.digest}
    usual = {"ts": time.time_ns(), "market": "spot", "host": "demo", "symbol": "BTCUSDT", "steps": PASSED}
    return Receipt(**(usual | code | changes))


def test_a_fee_in_bnb_is_understood_too(monkeypatch: pytest.MonkeyPatch):
    with exchange_of("spot", commission="bnb", balances={"BNB": Decimal(1)}) as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        found = invoked("rehearse", "bot.json")
        assert found.exit_code == 0, found.output
        assert "as the account says; fees in BNB " in found.stdout


@pytest.mark.parametrize("market", MARKETS)
def test_every_step_passes_and_nothing_is_left(market: str, reach: Any):
    exchange = reach(market)
    before, orders = held(exchange), len(exchange.ledger()["placedByClientId"])
    found = invoked("rehearse", "bot.json", market=market)
    assert found.exit_code == 0, found.output
    assert f"on the local exchange ({exchange.url}): buys 0.25" in found.stderr
    assert found.stdout.count("✓") == len(STEPS)
    assert all(step in found.stdout for step in STEPS)
    assert "Passed on the local exchange. For real money it must pass on Binance's demo." in found.stdout
    assert (resting(exchange), held(exchange)) == ([], before)
    (kept,) = Rehearsals().all()
    assert kept.behind.keys() == {"trades", "openOrders", "allOrders"}
    assert all(0 < behind < 3 for behind in kept.behind.values())
    assert len(exchange.ledger()["placedByClientId"]) >= orders + 6
    listed = invoked("list", market=market)
    assert f"rehearsed {market} on local  BTCUSDT  does not count" in listed.stdout


@pytest.mark.parametrize(("named", "after"), [({}, 7), ({"leverage": 3}, 3)])
def test_leverage_stays_as_it_is_unless_the_configuration_names_it(
    named: dict[str, int], after: int, monkeypatch: pytest.MonkeyPatch
):
    with exchange_of("usdm") as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=7)
        assert invoked("rehearse", "bot.json", market="usdm", **named).exit_code == 0
        (told,) = exchange.rest("GET", "symbolConfig", symbol="BTCUSDT").body
        assert told["leverage"] == after


def test_what_others_have_asked_in_the_same_minute_is_no_list_that_is_behind(monkeypatch: pytest.MonkeyPatch):
    with exchange_of("spot", balances={"BTC": Decimal(5)}) as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        for _ in range(80):
            exchange.rest("GET", "/api/v3/exchangeInfo", signed=False)
        found = invoked("rehearse", "bot.json")
        assert found.exit_code == 0, found.output


def test_a_script_gets_one_document(reach: Any):
    reach("spot")
    found = invoked("rehearse", "bot.json", "--symbol", "btcusdt", "--json")
    told = json.loads(found.stdout)
    assert (told["passed"], told["failed"], told["cleared"], found.stderr) == (True, None, None, "")
    assert [step["name"] for step in told["receipt"]["steps"]] == list(STEPS)
    assert json.loads(invoked("list", "--json").stdout)["rehearsals"] == [told["receipt"]]


def test_a_step_that_fails_ends_with_exit_code_1_and_says_what_was_taken_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehearsing, "Patience", lambda: BRISK)
    with exchange_of("spot", balances={"BTC": Decimal(5)}) as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        exchange.control("faults", {"action": "error", "on": "POST /api/v3/orderList/oco", "code": -2010})
        found = invoked("rehearse", "bot.json")
        assert found.exit_code == 1, found.output
        assert 'Failed at "stop and target": ' in found.stdout
        assert "Nothing of the rehearsal's is left." in found.stderr
        assert (resting(exchange), held(exchange)) == ([], 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_end_takes_back_what_it_has_placed_first(number: signal.Signals):
    Path("bot.json").write_text(document("spot"))
    with exchange_of("spot") as exchange:
        words = [sys.executable, "-m", "tradebot", "live", "rehearse", "bot.json"]
        variables = os.environ | environment_of(exchange)
        with subprocess.Popen(
            words, env=variables, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                deadline = time.monotonic() + 60
                while not resting(exchange) and time.monotonic() < deadline:
                    time.sleep(0.05)
                process.send_signal(number)
                _, told = process.communicate(timeout=60)
            finally:
                process.kill()
        assert process.returncode == 130, told
        assert "Nothing of the rehearsal's is left." in told
        assert (resting(exchange), held(exchange)) == ([], 0)
    assert [step.said for receipt in Rehearsals().all() for step in receipt.steps] == ["it was broken off"]


def refused(found: Result, *facts: str) -> None:
    assert found.exit_code == 2, found.output
    assert found.stderr.startswith("Error: ")
    for fact in facts:
        assert fact in found.stderr
    assert Rehearsals().all() == []


def test_what_is_given_wrongly_is_said_and_nothing_is_placed(reach: Any, monkeypatch: pytest.MonkeyPatch):
    exchange = reach("spot")
    placed = exchange.ledger()["placedByClientId"]
    refused(invoked("rehearse", "bot.json", "--symbol", "NOSUCHUSDT"), 'do not list "NOSUCHUSDT"')
    refused(invoked("rehearse", "bot.json", type="alpaca"), "broker.type")
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", "canary-secret")
    refused(invoked("rehearse", "bot.json"), "BINANCE_LOCAL_API_SECRET", "Signature")
    monkeypatch.delenv("BINANCE_LOCAL_API_SECRET")
    refused(invoked("rehearse", "bot.json"), "BINANCE_LOCAL_API_SECRET is not set")
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", "canary-secret")
    monkeypatch.setenv("TRADEBOT_BINANCE_URL", "http://127.0.0.1:9")
    refused(invoked("rehearse", "bot.json"), "http://127.0.0.1:9: no answer")
    assert exchange.ledger()["placedByClientId"] == placed


def test_what_the_rehearsal_could_not_tell_from_its_own_is_refused(reach: Any):
    exchange = reach("usdm")
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1}
    exchange.control("order", order)
    refused(invoked("rehearse", "bot.json", market="usdm"), "BTCUSDT: a position is open there", "--symbol")
    exchange.control("order", order | {"side": "SELL"})
    resting = exchange.control("order", order | {"type": "LIMIT", "price": 90, "timeInForce": "GTC"})
    refused(invoked("rehearse", "bot.json", market="usdm"), "BTCUSDT: orders work there", "--symbol")
    exchange.rest("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"])


def test_an_account_without_the_money_is_refused(monkeypatch: pytest.MonkeyPatch):
    with exchange_of("spot", cash=Decimal(20)) as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        refused(invoked("rehearse", "bot.json"), "the account has 20.00 USDT, and this takes about 26.25")


@pytest.mark.parametrize("host", ["live", "demo", None])
def test_it_never_leads_to_the_real_exchange(host: str | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINANCE_API_KEY", "canary-key")
    monkeypatch.setenv("BINANCE_API_SECRET", "canary-secret")
    refused(invoked("rehearse", "bot.json", host=host), "binance demo: BINANCE_DEMO_API_KEY is not set")


def approved(**broker: Any) -> Result:
    return invoked("approve", "bot.json", "--symbols", "BTCUSDT", **({"host": "live"} | broker))


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (None, "with this code. Do it with play money: tradebot live rehearse CONFIG"),
        ({"host": "local"}, "with this code. Do it"),
        ({"market": "usdm"}, "with this code. Do it"),
        ({"version": "0.0.9"}, "it was of version 0.0.9"),
        ({"digest": "0" * 64}, "it was of other code (source 000000000000, and this is "),
        ({"steps": PASSED[:-1]}, 'it had no step "reckoning"'),
        ({"ts": time.time_ns() - 31 * 86_400 * 10**9}, "counts for 30 days"),
    ],
)
def test_spot_is_not_approved_for_real_money_before_it_was_rehearsed(planted: dict[str, Any] | None, words: str):
    if planted is not None:
        Rehearsals().keep(receipt(**planted))
    found = approved()
    assert found.exit_code == 2, found.output
    assert "broker.market: spot has not been rehearsed on Binance's demo with this code" in found.stderr
    assert words in found.stderr
    assert Approvals().history() == []


def test_a_rehearsal_on_the_demo_opens_the_lock(monkeypatch: pytest.MonkeyPatch):
    Rehearsals().keep(receipt())
    for name in ("BINANCE_API_KEY", "BINANCE_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    # The next thing that stands in the way is the key of the real exchange.
    assert "binance live: BINANCE_API_KEY is not set. " in approved().stderr
    assert "rehearsed spot on demo  BTCUSDT  counts until" in invoked("list").stdout


@pytest.mark.parametrize(
    ("coins", "words"),
    [({}, "none of the traded markets; keep it so: a sub-account"), ({"BTC": Decimal(5)}, "yours keeps")],
)
def test_the_terms_of_spot_advise_a_sub_account_without_coins_of_ones_own(
    coins: dict[str, Decimal], words: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    with exchange_of("spot", balances=coins) as exchange:
        for name, value in environment_of(exchange).items():
            monkeypatch.setenv(name, value)
        found = approved(host="local")
    assert found.exit_code == 0, found.output
    assert words in found.stderr


def test_the_terms_of_the_futures_say_whether_they_were_rehearsed(reach: Any):
    reach("usdm")
    found = approved(market="usdm", host="local")
    assert found.exit_code == 0, found.output
    assert "never on Binance's demo; better do it first" in found.stderr
    Rehearsals().keep(receipt(market="usdm"))
    assert "BTCUSDT on Binance's demo, at " in approved(market="usdm", host="local").stderr
