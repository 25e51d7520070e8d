"""Option values that say more than a number: ``risk:1%``, ``bps:2``, ``fast=10``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.errors import ConfigError, ParameterError, did_you_mean

if TYPE_CHECKING:
    from tradebot_native import Slippage

    from tradebot.core.protocols import Sizer
    from tradebot.risk import Protection, RiskLimits
    from tradebot.strategies.registry import Kind

# Decimal places beyond any price, quantity or rate; doubles end soon after.
_LONGEST: Final = 30
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SCALES: Final = (("%", Decimal(100)), ("bps", Decimal(10_000)))


def read_number(place: str, text: str) -> Decimal:
    """A decimal number; ``5%`` is 0.05 and ``2bps`` 0.0002.

    Raises
    ------
    ConfigError : the text is not a finite number.
    """
    digits, divisor = text.strip(), Decimal(1)
    for suffix, scale in _SCALES:
        if digits.endswith(suffix):
            digits, divisor = digits.removesuffix(suffix).rstrip(), scale
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        raise ConfigError(f'"{text}" is not a number', place=place, mend="Write it as 0.05, 5% or 2bps.")
    return number / divisor


def read_share(place: str, text: str | None) -> float | None:
    """A share above 0 and at most 1, such as ``5%``; ``None`` where none is given.

    Raises
    ------
    ConfigError : the text is no such number.
    """
    if text is None:
        return None
    share = read_number(place, text)
    if not 0 < share <= 1:
        raise ConfigError(f"{share} is not above 0 and at most 1", place=place, mend="0.05 and 5% mean five percent.")
    return float(share)


def read_sizer(text: str) -> Sizer:
    """Sizer from ``fixed:QUANTITY``, ``fraction:SHARE`` or ``risk:SHARE``.

    Raises
    ------
    ConfigError : the kind is unknown or the number is missing.
    SizingError : the number is out of its bounds.
    """
    from tradebot.sizing import FixedQuantity, FractionOfEquity, RiskPerTrade

    kinds: dict[str, Callable[[float], Sizer]] = {
        "fixed": FixedQuantity,
        "fraction": FractionOfEquity,
        "risk": RiskPerTrade,
    }
    kind, number = _kind_and_number("--sizer", text, kinds)
    return kinds[kind](float(number))


def read_slippage(text: str) -> Slippage:
    """Slippage model from ``none``, ``bps:X``, ``ticks:N``, ``half_spread:BPS`` or ``volume_share:IMPACT``.

    Raises
    ------
    ConfigError : the model is unknown, or its number is missing or negative.
    """
    from tradebot_native import Slippage

    if text == "none":
        return Slippage.none()
    models: dict[str, Callable[[float], Slippage]] = {
        "bps": Slippage.bps,
        "ticks": Slippage.ticks,
        "half_spread": Slippage.half_spread,
        "volume_share": Slippage.volume_share,
    }
    kind, number = _kind_and_number("--slippage", text, [*models, "none"])
    if number < 0:
        raise ConfigError(f"{number} is negative", place=f"--slippage {kind}", mend="Give 0 or more.")
    return models[kind](float(number))


def read_fees(text: str) -> tuple[Decimal, Decimal]:
    """Maker and taker fee as fractions, from ``MAKER,TAKER`` or one number for both.

    Raises
    ------
    ConfigError : not one or two numbers, or a fee of 100 % or more.
    """
    parts = text.split(",")
    if len(parts) not in (1, 2):
        raise ConfigError(f'"{text}" is not two numbers', place="--fees", mend="Write MAKER,TAKER: 0.02%,0.05%.")
    maker, taker = read_number("--fees", parts[0]), read_number("--fees", parts[-1])
    for fee in (maker, taker):
        if abs(fee) >= 1:
            raise ConfigError(f"{fee} is 100 % or more", place="--fees", mend="0.001 means 0.1 %.")
    return maker, taker


def read_limits(pairs: Iterable[str]) -> RiskLimits | None:
    """Risk limits from ``name=value`` pairs; ``None`` where there are none.

    Raises
    ------
    ConfigError : a limit is unknown or no number.
    RiskError : a limit is out of its bounds.
    """
    from tradebot.risk import RiskLimits
    from tradebot.risk.limits import COUNTS

    given = _named_numbers("--limit", pairs, [field.name for field in fields(RiskLimits)])
    whole = {
        name: int(number) if name in COUNTS and number == int(number) else number for name, number in given.items()
    }
    return RiskLimits(**whole) if given else None


def read_protection(pairs: Iterable[str]) -> Protection | None:
    """Exits of entries that bring none, from ``name=value`` pairs; ``None`` where there are none.

    Raises
    ------
    ConfigError : an exit is unknown or no number.
    RiskError : it is out of its bounds.
    """
    from tradebot.risk import Protection

    given = _named_numbers("--protect", pairs, [field.name for field in fields(Protection)])
    return Protection(**given) if given else None


def _named_numbers(option: str, pairs: Iterable[str], known: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for pair in pairs:
        name, text = _pair(option, pair)
        if name not in known:
            mend = did_you_mean(name, known) or f"There are {', '.join(known)}."
            raise ConfigError(f"there is no such {option.strip('-')}", place=f"{option} {name}", mend=mend)
        given[name] = float(read_number(f"{option} {name}", text))
    return given


def read_params(strategy: Kind, pairs: Iterable[str]) -> dict[str, Any]:
    """Parameters of a strategy from ``name=value`` pairs.

    Raises
    ------
    ParameterError : a parameter is unknown or its value does not fit; construction checks the rest.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, text = _pair("--param", pair)
        if name not in strategy.parameters:
            known = ", ".join(strategy.parameters)
            mend = did_you_mean(name, strategy.parameters) or (f"It has {known}." if known else "It has none.")
            raise ParameterError("there is no such parameter", place=f"{strategy.name}.{name}", mend=mend)
        values[name] = strategy.parameters[name].parse(text)
    return values


def read_tf_roles(pairs: Iterable[str]) -> dict[str, str]:
    """Role by interval from ``ROLE=INTERVAL`` pairs, as a run takes them.

    Raises
    ------
    ConfigError : a pair is none, an interval is none, or an interval or a role comes twice.
    """
    from tradebot.core.interval import Interval

    found: dict[str, str] = {}
    for pair in pairs:
        role, text = _pair("--tf-role", pair)
        interval = str(Interval.parse(text))
        for given in (interval, role):
            if given in found or given in found.values():
                raise ConfigError(f"{given} comes twice", place="--tf-role", mend="Give each role its own interval.")
        found[interval] = role
    return found


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise ConfigError(f'"{text}" is not a name and a value', place=option, mend="Write it as name=value.")
    return name.strip(), value.strip()


def _kind_and_number(option: str, text: str, kinds: Iterable[str]) -> tuple[str, Decimal]:
    kind, colon, number = text.partition(":")
    if kind not in kinds:
        choices = ", ".join(kinds)
        mend = did_you_mean(kind, kinds) or f"Choose one of {choices}."
        raise ConfigError(f'there is no "{kind}"', place=option, mend=mend)
    if not colon:
        raise ConfigError(f"{kind} needs a number", place=option, mend=f"Write it as {kind}:NUMBER.")
    return kind, read_number(option, number)


def read_duration(text: str | None) -> float | None:
    """Seconds of a length of time: ``500ms``, ``90s``, ``10m``, ``1h``; ``None`` where none is given.

    Raises
    ------
    ConfigError : it is no length of time.
    """
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ConfigError(f'"{text}" is no length of time', place="--for", mend="Write it as 500ms, 90s, 10m or 1h.")
    return float(match[1]) * _SECONDS[match[2]]
