"""The log files tell what happened, to people and to scripts, and keep every secret."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import structlog

from tradebot.core.event import Cancel, EquityMarked, OrderUpdate, Replace, Submit, Timer
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderIntent, OrderState, Side
from tradebot.core.redaction import Redactor
from tradebot.telemetry.logs import Logs, quieten
from tradebot.telemetry.records import RecordFiles

TS = 1_762_000_000_000_000_000
CANARY = "canary-9f8e7d6c5b4a"
FILL = Fill(
    trade_id="t1",
    order_id="R1-1",
    symbol="BTCUSDT",
    ts=TS,
    side=Side.BUY,
    price=Decimal("67000.10"),
    quantity=Decimal("0.003"),
    fee=Decimal("0.1"),
    fee_currency="USDT",
    liquidity=Liquidity.TAKER,
)


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """Folder of a log that is being written."""
    with Logs(tmp_path / "logs" / "bot.log", redactor=Redactor([CANARY])):
        yield tmp_path / "logs"


def test_an_event_is_one_line_with_time_level_and_values(logs: Path):
    structlog.get_logger("tradebot.live").info("bar closed", symbol="BTCUSDT", close=67000.1)
    (line,) = (logs / "bot.log").read_text().splitlines()
    assert line.startswith("timestamp=20")
    assert 'level=info event="bar closed"' in line
    assert "symbol=BTCUSDT" in line


def test_libraries_log_into_the_same_file_and_their_chatter_is_left_out(logs: Path):
    logging.getLogger("somebody").warning("cannot %s", "connect")
    logging.getLogger("httpx2").info("HTTP Request: GET https://host/")
    (line,) = (logs / "bot.log").read_text().splitlines()
    assert 'level=warning event="cannot connect"' in line


def test_below_its_level_nothing_is_logged(tmp_path: Path):
    with Logs(tmp_path / "bot.log", level="WARNING", redactor=Redactor()):
        structlog.get_logger().info("quiet")
        structlog.get_logger().warning("loud")
    assert [line for line in (tmp_path / "bot.log").read_text().splitlines() if "quiet" in line] == []
    assert "loud" in (tmp_path / "bot.log").read_text()


def test_errors_are_in_a_file_of_their_own_too_with_their_traceback_in_one_line(logs: Path):
    structlog.get_logger().info("fine")
    try:
        raise ValueError("the answer made no sense")
    except ValueError:
        structlog.get_logger().exception("broker failed")
    (line,) = (logs / "bot.errors.log").read_text().splitlines()
    assert "Traceback (most recent call last)" in line
    assert "the answer made no sense" in line
    assert len((logs / "bot.log").read_text().splitlines()) == 2


def test_no_secret_reaches_any_file_by_any_way(logs: Path):
    log = structlog.get_logger()
    log.warning("request", url=f"https://host/order?signature={CANARY}", headers={"X-MBX-APIKEY": CANARY})
    logging.getLogger("httpx2").warning("GET https://api.telegram.org/bot123456:%s/getMe", CANARY)
    try:
        raise RuntimeError(f"401 for key {CANARY}")
    except RuntimeError:
        log.exception("failed", note=CANARY)
        logging.getLogger("library").exception("failed with %r", {"key": CANARY})
    with RecordFiles(logs / "bot.log", redactor=Redactor([CANARY])) as records:
        update = OrderUpdate(
            ts=TS, order_id="R1-1", symbol="BTCUSDT", state=OrderState.REJECTED, reason=f"bad key {CANARY}"
        )
        records.write([update, Cancel("R1-1", CANARY)], now=TS)
    files = list(logs.iterdir())
    assert len(files) == 3
    for file in files:
        content = file.read_text()
        assert CANARY not in content
        assert "***" in content


def test_no_secret_of_the_environment_is_shown_in_an_error_or_its_traceback():
    code = "import sys; sys.argv[1:] = ['runs', 'show', sys.argv[1]]; from tradebot.cli.main import main; main()"
    for debug in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code, CANARY],
            env=os.environ | {"BINANCE_API_SECRET": CANARY, "TRADEBOT_DEBUG": debug},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert CANARY not in done.stderr
        assert "***" in done.stderr


def test_a_log_whose_disk_is_full_stops_nothing_and_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    for name in ("bot.log", "bot.orders.jsonl"):
        (tmp_path / name).symlink_to("/dev/full")
    with (
        Logs(tmp_path / "bot.log", redactor=Redactor()),
        RecordFiles(tmp_path / "bot.log", redactor=Redactor()) as kept,
    ):
        structlog.get_logger().info("lost")
        kept.write([Cancel("R1-1")], now=TS)
    assert capfd.readouterr().err == ""


def test_a_log_goes_on_once_its_disk_has_room_again(tmp_path: Path):
    (tmp_path / "bot.log").symlink_to("/dev/full")
    with Logs(tmp_path / "bot.log", redactor=Redactor()):
        structlog.get_logger().info("lost")
        (tmp_path / "bot.log").unlink()
        structlog.get_logger().info("kept")
    (line,) = (tmp_path / "bot.log").read_text().splitlines()
    assert "event=kept" in line


def test_what_was_quiet_before_is_quiet_after(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    before = structlog.get_config()
    quieten()
    try:
        with Logs(tmp_path / "bot.log", redactor=Redactor()):
            structlog.get_logger("tradebot.api").debug("request")
        structlog.get_logger("tradebot.api").debug("request")
        assert "request" not in "".join(capfd.readouterr())
    finally:
        structlog.configure(**before)


def test_a_log_that_has_grown_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tradebot.telemetry.logs._BYTES", 1000)
    with RecordFiles(tmp_path / "bot.log", redactor=Redactor()) as records:
        records.write([EquityMarked(ts=TS + n, cash=1.0, equity=1.5) for n in range(100)], now=TS)
    files = sorted(tmp_path.glob("bot.equity.csv*"))
    assert len(files) > 2
    for file in files:
        heading, *rows = file.read_text().splitlines()
        assert heading == "time,cash,equity"
        assert set(rows) == {"2025-11-01T12:26:40Z,1.0,1.5"}


def test_orders_and_trades_are_json_lines_and_the_equity_curve_a_table(tmp_path: Path):
    update = OrderUpdate(ts=TS, order_id="R1-1", symbol="BTCUSDT", state=OrderState.FILLED, fill=FILL)
    messages = [
        Timer(TS, "x"),
        Submit("R1-1", OrderIntent("BTCUSDT", "buy", 0.003, type="limit", price=67000.1)),
        Replace("R1-1", price=66000.0),
        update,
        EquityMarked(ts=TS, cash=10.5, equity=0.1 + 0.2),
    ]
    with RecordFiles(tmp_path / "bot.log", redactor=Redactor()) as records:
        records.write(messages, now=TS)
    orders = [json.loads(line) for line in (tmp_path / "bot.orders.jsonl").read_text().splitlines()]
    assert [(each["event"], each["order_id"]) for each in orders] == [
        ("submit", "R1-1"), ("replace", "R1-1"), ("filled", "R1-1"),
    ]  # fmt: skip
    assert orders[0] == {
        "time": "2025-11-01T12:26:40Z", "event": "submit", "order_id": "R1-1", "symbol": "BTCUSDT", "side": "buy",
        "quantity": 0.003, "type": "limit", "price": 67000.1, "tif": "gtc", "reduce_only": False,
    }  # fmt: skip
    (trade,) = [json.loads(line) for line in (tmp_path / "bot.trades.jsonl").read_text().splitlines()]
    assert (trade["price"], trade["fee"], trade["time"]) == ("67000.10", "0.1", "2025-11-01T12:26:40Z")
    table = (tmp_path / "bot.equity.csv").read_text()
    assert table == "time,cash,equity\n2025-11-01T12:26:40Z,10.5,0.30000000000000004\n"


def test_trades_and_equity_are_written_by_wish_alone(tmp_path: Path):
    update = OrderUpdate(ts=TS, order_id="R1-1", symbol="BTCUSDT", state=OrderState.FILLED, fill=FILL)
    with RecordFiles(tmp_path / "bot.log", redactor=Redactor(), trades=False, equity=False) as records:
        records.write([update, EquityMarked(ts=TS, cash=1.0, equity=1.0)], now=TS)
    assert [file.name for file in tmp_path.iterdir()] == ["bot.orders.jsonl"]
