"""A real ``tradebot up`` on the built-in market, with its files in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx2 import Client

from served_api import API
from served_bot import CONFIGURATION

# Ten bars a second: a trade every few moments, and a processor that has time for a browser.
SPEED = 600


class ServedProcess:
    """The process, which can be killed and started again on the port it had.

    Parameters
    ----------
    folder : where it keeps everything; its configuration is ``paper.json``.
    arguments : more of the command line.
    configuration : what it runs, but for its speed and its log.
    environment : more of the environment.
    """

    def __init__(
        self, folder: Path, *arguments: str, configuration: Mapping[str, Any] = CONFIGURATION, **environment: str
    ) -> None:
        self._configuration = folder / "paper.json"
        self._configuration.write_text(json.dumps(_configured(folder, configuration)))
        self._errors = folder / "stderr"
        self._arguments = arguments
        self._environment = os.environ | {"TRADEBOT_HOME": str(folder)} | environment
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it; returns as soon as it can be asked."""
        command = [sys.executable, "-m", "tradebot", "up", str(self._configuration), "--json"]
        with self._errors.open("a") as errors:
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port), *self._arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=self._environment,
            )
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        assert told, self._errors.read_text()
        self._port = int(json.loads(told)["url"].rsplit(":", 1)[1])

    def kill(self) -> None:
        """End it without a word, as a failing machine does."""
        assert self._process is not None
        self._process.kill()
        self._ended(self._process)

    @contextmanager
    def hung(self) -> Generator[None]:
        """Let it do nothing for a while, its connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process is not None:
            self._process.terminate()
            self._ended(self._process)

    def _ended(self, process: subprocess.Popen[str]) -> None:
        process.communicate(timeout=30)
        self._process = None


@contextmanager
def served_process(
    folder: Path, *arguments: str, configuration: Mapping[str, Any] = CONFIGURATION, **environment: str
) -> Generator[ServedProcess]:
    """The process, started; ended with the test."""
    server = ServedProcess(folder, *arguments, configuration=configuration, **environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def asked(server: ServedProcess, path: str, **query: Any) -> Any:
    """What the interface answers beside the browser: what a page shows is held against it."""
    with Client(base_url=server.url, timeout=30) as client:
        answer = client.get(f"{API}/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _configured(folder: Path, configuration: Mapping[str, Any]) -> dict[str, Any]:
    engine = configuration["engine"] | {"speed": SPEED}
    return {**configuration, "engine": engine, "logging": {"log_file": str(folder / "logs" / "bot.log")}}
