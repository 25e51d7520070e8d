"""From a file and the environment to a checked configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from tradebot.config.coherence import contradictions
from tradebot.config.document import Configuration
from tradebot.config.environment import Override, overrides, with_overrides
from tradebot.config.markets import Backfill
from tradebot.config.problems import ConfigurationError, Problem, problems_of
from tradebot.config.reading import read_document

# Words that are valid and stand for what does not exist yet.
_NOT_BUILT: Final = {
    "storage.backend": ("timescale",),
    "bus.type": ("redis",),
    "telemetry.enabled": (True,),
    "notifications.enabled": (True,),
    "data.data_source": ("ibkr",),
    "broker.type": ("alpaca", "alpaca_paper", "ibkr", "ibkr_paper"),
}

# What a backtest goes without, by what it is for; bars of a mock market are as many as it looks back.
_ASIDE: Final = {
    "used when the bot runs": (
        "data.lookback_bars",
        "data.retry_interval",
        "risk_management.price_collar_pct",
        "risk_management.max_orders_per_minute",
        "risk_management.max_repeated_orders",
        "notifications",
        "logging",
        "engine",
        "storage",
        "api",
        "bus",
        "telemetry",
    ),
    "used when history is downloaded": ("symbols", "backfill"),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and where it came from.

    Attributes
    ----------
    configuration : the checked document.
    source : the file, or ``environment``.
    origins : ``file`` or the environment variable of every key that was given, by its path.
    """

    configuration: Configuration
    source: str
    origins: Mapping[str, str]

    @property
    def aside(self) -> list[Problem]:
        """Keys that were given and are without effect on a backtest: one line for each use they have."""
        is_mock = self.configuration.data.data_source == "mock"
        found: list[Problem] = []
        for use, names in _ASIDE.items():
            given = [name for name in names if any(f"{path}.".startswith(f"{name}.") for path in self.origins)]
            told = [name for name in given if not (is_mock and name == "data.lookback_bars")]
            if told:
                found.append(Problem(", ".join(told), use, "A backtest goes without."))
        return found

    @property
    def notes(self) -> list[Problem]:
        """What a backtest goes without, and words that are valid and stand for what is not built yet."""
        return self.aside + self.unbuilt("A backtest")

    def unbuilt(self, who: str) -> list[Problem]:
        """Words that are valid and stand for what is not built yet, so that ``who`` runs without it."""
        found: list[Problem] = []
        for path, words in _NOT_BUILT.items():
            value: Any = self.configuration
            for step in path.split("."):
                value = getattr(value, step)
            if value in words and path in self.origins:
                shown = "true" if value is True else f'"{value}"'
                found.append(Problem(path, f"{shown} is not built yet", f"{who} runs without it."))
        return found


def load(path: Path | None, environment: Mapping[str, str], *, mode: str | None = None) -> Loaded:
    """Read, override and check a configuration.

    Parameters
    ----------
    path : the file; ``None`` for the environment alone.
    environment : ``os.environ``, or what stands for it.
    mode : in the place of ``engine.mode``.

    Raises
    ------
    ConfigurationError : everything that is wrong, each with its path, the fact and the mend.
    """
    raw = {} if path is None else read_document(path)
    source = "environment" if path is None else str(path)
    raw, twice = one_strategy(raw)
    found, problems = overrides(environment)
    problems += twice
    if mode is not None:
        found["engine.mode"] = Override("--mode", mode)
    variables = {key: override.variable for key, override in found.items()}
    document = with_overrides(raw, found)
    try:
        configuration = Configuration.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(source, [*problems, *problems_of(error, Configuration, variables)]) from None
    problems += [_named(problem, variables) for problem in contradictions(configuration)]
    if problems:
        raise ConfigurationError(source, problems)
    origins = dict.fromkeys(_paths(raw), "file") | variables
    return Loaded(configuration, source, origins)


def load_backfill(environment: Mapping[str, str]) -> Backfill:
    """How history is downloaded where there is no configuration: by the environment alone.

    Raises
    ------
    ConfigurationError : a variable sets no key, or has no value that fits.
    """
    every, problems = overrides(environment)
    found = {key: each for key, each in every.items() if key.startswith("backfill.")}
    variables = {key.removeprefix("backfill."): each.variable for key, each in found.items()}
    document = with_overrides({}, found).get("backfill", {})
    try:
        backfill = Backfill.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError("environment", [*problems, *problems_of(error, Backfill, variables)]) from None
    if problems:
        raise ConfigurationError("environment", problems)
    return backfill


def one_strategy(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """``engine.strategy`` is another spelling of ``strategy``."""
    engine: Any = raw.get("engine")
    if not isinstance(engine, dict) or "strategy" not in engine:
        return raw, []
    moved = dict(cast("dict[str, Any]", engine))
    strategy = moved.pop("strategy")
    if "strategy" in raw:
        return raw | {"engine": moved}, [
            Problem("engine.strategy", "strategy is given as well, which means the same", "Give one of them.")
        ]
    return raw | {"engine": moved, "strategy": strategy}, []


def _named(problem: Problem, variables: Mapping[str, str]) -> Problem:
    variable = variables.get(problem.path)
    return problem._replace(path=f"{variable} ({problem.path})") if variable else problem


def _paths(document: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _paths(cast("Mapping[str, Any]", value), f"{above}{key}.")
        else:
            yield f"{above}{key}"
