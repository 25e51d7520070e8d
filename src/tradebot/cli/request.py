"""What a person asked `tradebot backtest` for, as it was typed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tradebot.store.files import Violations

_OUTPUTS: Final = frozenset({"report", "trades", "keep", "as_json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """The options of the command, one field each, by the names the command gives them."""

    strategy: str
    params: tuple[str, ...]
    tf_roles: tuple[str, ...]
    form: str
    data: tuple[str, ...]
    symbols: tuple[str, ...]
    interval: str | None
    venue: str | None
    start: str | None
    end: str | None
    violations: Violations
    adjusted: bool
    funding: tuple[str, ...]
    seed: int | None
    bars: int | None
    cash: float
    sizer: str | None
    limits: tuple[str, ...]
    protections: tuple[str, ...]
    leverage: float
    fees: str | None
    slippage: str
    fill: str
    path: str
    magnify: tuple[str, ...]
    touch: bool
    participation: str | None
    report: Path | None
    trades: Path | None
    keep: bool
    as_json: bool

    @property
    def base(self) -> str | None:
        """Interval of the bars the run trades on: the one asked for, else that of the role LTF.

        Raises
        ------
        ConfigError : both are given, and differ.
        """
        from tradebot.cli.values import read_tf_roles
        from tradebot.core.errors import ConfigError
        from tradebot.core.interval import Interval

        lower = next((interval for interval, role in read_tf_roles(self.tf_roles).items() if role == "LTF"), None)
        if self.interval is not None and lower not in (None, str(Interval.parse(self.interval))):
            raise ConfigError(
                f"{lower} contradicts --interval {self.interval}", place="--tf-role LTF", mend="Give one of them."
            )
        return self.interval or lower

    def recorded(self) -> dict[str, Any]:
        """What is asked for, in plain values and with whole paths, so that it can be asked again from anywhere."""
        options = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _OUTPUTS}
        whole = {
            "strategy": _whole_strategy(self.strategy),
            "data": [_whole(each) for each in self.data],
            "funding": [_whole_named(each) for each in self.funding],
            "magnify": [_whole_named(each) for each in self.magnify],
        }
        return {"command": "backtest", "options": options | whole}


def _whole(path: str) -> str:
    return str(Path(path).absolute()) if Path(path).is_file() else path


def _whole_strategy(text: str) -> str:
    file, colon, name = text.rpartition(":")
    return f"{_whole(file)}:{name}" if colon and file.endswith(".py") else _whole(text)


def _whole_named(text: str) -> str:
    symbol, equals, file = text.partition("=")
    return f"{symbol}={_whole(file)}" if equals else _whole(text)
