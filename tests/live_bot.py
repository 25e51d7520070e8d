"""A bot in a process of its own that trades for real on a local exchange, as ``tradebot run`` starts it.

``LiveBot(folder, exchange, STRATEGIES, "Name")`` writes configuration and strategy, approves them and starts it; what
it leaves on record is read with ``Ledger(bot.folder)`` and ``JournalReader(bot.folder)``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from local_exchange import Running
from tradebot.app.approval import configuration_hash
from tradebot.config import load
from tradebot.store.approvals import Approvals

LONGEST_S = 30.0
ACCOUNT = "real"


class LiveBot:
    """A bot that runs, or has ended.

    Parameters
    ----------
    folder : where it keeps everything.
    exchange : where it trades.
    strategies : source of the module its strategy stands in.
    strategy : name of the strategy.
    sections : what its configuration has beyond the least, by section.
    environment : variables beyond those it needs.
    """

    def __init__(
        self,
        folder: Path,
        exchange: Running,
        strategies: str,
        strategy: str,
        sections: Mapping[str, Mapping[str, Any]] | None = None,
        **environment: str,
    ) -> None:
        (folder / "ideas.py").write_text(strategies)
        document: dict[str, dict[str, Any]] = {
            "broker": {"type": "binance", "market": "usdm", "host": "local"},
            "trading": {"symbol": "BTCUSDT", "position_size": 0.5},
            "data": {"data_source": "binance", "interval": "1m", "lookback_bars": 3},
            "strategy": {"type": f"{folder / 'ideas.py'}:{strategy}"},
            "engine": {"mode": "live", "account": ACCOUNT},
        }
        for name, fields in (sections or {}).items():
            document[name] = document.get(name, {}) | fields
        self.config = folder / "bot.json"
        self.config.write_text(json.dumps(document))
        self.exchange = exchange
        self.home = folder / "home"
        self.folder = self.home / "accounts" / ACCOUNT
        self.environment = os.environ | {
            "TRADEBOT_HOME": str(self.home),
            "TRADEBOT_BINANCE_URL": exchange.url,
            "BINANCE_LOCAL_API_KEY": exchange.key,
            "BINANCE_LOCAL_API_SECRET": exchange.secret,
            **environment,
        }
        self.approve()
        self.output = folder / "output.txt"
        self.start()

    def approve(self) -> None:
        """Allow its configuration to trade, as it stands."""
        now = time.time_ns()
        digest = configuration_hash(load(self.config, {}))
        Approvals(self.home / "approvals").approve(digest, operator="test", now=now, expires=now + 10**13)

    def start(self) -> None:
        """Start it, or start it again."""
        self.begun = time.time_ns()
        # Into a file: a pipe that nobody reads fills up, and whoever writes to it waits for good.
        with self.output.open("a") as output:
            self.process = self._started("run", str(self.config), output=output)

    def _started(self, *words: str, output: IO[str] | int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tradebot", *words]
        return subprocess.Popen(command, env=self.environment, stdout=output, stderr=output, text=True)

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Begin with a command of tradebot in the bot's environment."""
        return self._started(*words, output=subprocess.PIPE)

    def command(self, *words: str) -> str:
        """What a command of tradebot prints in the bot's environment, whatever comes of it."""
        said, wrong = self.begin(*words).communicate(timeout=LONGEST_S)
        return said + wrong

    def halt(self, *options: str, code: int = 0) -> dict[str, Any]:
        """Throw the kill switch from another process; what it says."""
        halted = self.begin("halt", "--account", ACCOUNT, "--json", *options)
        said, wrong = halted.communicate(timeout=LONGEST_S)
        assert halted.returncode == code, wrong
        return json.loads(said)

    def stop(self) -> None:
        """End it in good order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LONGEST_S)

    def check(self) -> None:
        """Hold it against its output that it runs."""
        assert self.process.poll() is None, self.output.read_text()

    def end(self) -> None:
        """End it, in whatever state it is."""
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(LONGEST_S)

    def until(self, holds: Callable[[], object], patience_s: float = LONGEST_S) -> None:
        """Wait for something to be so while it runs."""
        deadline = time.monotonic() + patience_s
        while not holds():
            self.check()
            assert time.monotonic() < deadline, self.exchange.ledger()["orders"][-3:]
            time.sleep(0.05)

    def working(self) -> list[dict[str, Any]]:
        """Orders that work at the exchange; conditional ones that wait are not among them."""
        orders = self.exchange.ledger()["orders"]
        return [order for order in orders if order["status"] in ("NEW", "PARTIALLY_FILLED")]

    def stops(self) -> list[dict[str, Any]]:
        """Conditional orders that wait at the exchange."""
        return [order for order in self.exchange.ledger()["algoOrders"] if order["algoStatus"] == "NEW"]

    def position(self, symbol: str = "BTCUSDT") -> float:
        """What the exchange says it holds."""
        return float(self.exchange.ledger()["positions"].get(symbol, 0))
