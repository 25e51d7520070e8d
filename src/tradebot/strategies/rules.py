"""Rules: a strategy as conditions on indicator nodes, run without Python per bar."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from tradebot.core.errors import StrategyError

if TYPE_CHECKING:
    from tradebot.indicators import Node

_CONDITIONS: Final = ("enter_long", "exit_long", "enter_short", "exit_short")
_PAIRS: Final = (
    ("stop_loss", "stop_loss_pct"),
    ("take_profit", "take_profit_pct"),
    ("trailing_stop", "trailing_stop_pct"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """When to enter and leave, as boolean nodes, and the exits each entry carries.

    Read on every closed bar once all its nodes are warm. An entry does not count while its own side's exit holds, and
    where both entries hold neither does. An entry to the side that is held is ignored; one to the other side closes and
    reverses. An entry whose stop or target is a node without a value there is denied: it would go unprotected.

    Parameters
    ----------
    enter_long, exit_long, enter_short, exit_short : boolean nodes, such as ``ta.cross_above(fast, slow)``.
    stop_loss, take_profit : price of the exit: a node read at the bar of the signal, or a number.
    trailing_stop : distance of the trailing stop in price: a node read at the bar of the signal, or a number.
    stop_loss_pct, take_profit_pct, trailing_stop_pct : the same as fractions (0.01 is one percent) of the
        entry's fill price.
    trailing_activation_pct : gain over the fill price, as a fraction, from which the trailing stop follows; at once
        unless given.
    confidence : trust in an entry, in 0..1, for a sizer that reads it: a node read at the bar of the signal, or a
        number.

    Raises
    ------
    StrategyError : there is no entry, a condition is no node, or an exit is given both as a price and as a fraction.
    """

    enter_long: Node | None = None
    exit_long: Node | None = None
    enter_short: Node | None = None
    exit_short: Node | None = None
    stop_loss: Node | float | None = None
    take_profit: Node | float | None = None
    trailing_stop: Node | float | None = None
    stop_loss_pct: Node | float | None = None
    take_profit_pct: Node | float | None = None
    trailing_stop_pct: Node | float | None = None
    trailing_activation_pct: Node | float | None = None
    confidence: Node | float | None = None

    def __post_init__(self) -> None:
        for name in _CONDITIONS:
            value = getattr(self, name)
            if value is not None and not _is_node(value):
                raise StrategyError(
                    f"{value!r} is not an indicator node",
                    place=f"rules.{name}",
                    mend="Compare nodes, e.g. ta.cross_above(fast, slow) or ta.rsi(bars.close, 14) < 30.",
                )
        if self.enter_long is None and self.enter_short is None:
            raise StrategyError("no entry is given", place="rules", mend="Give enter_long or enter_short.")
        for price, fraction in _PAIRS:
            if getattr(self, price) is not None and getattr(self, fraction) is not None:
                raise StrategyError(f"{price} and {fraction} are both given", place="rules", mend="Give one of them.")
        trails = self.trailing_stop is not None or self.trailing_stop_pct is not None
        if self.trailing_activation_pct is not None and not trails:
            raise StrategyError(
                "there is no trailing stop to activate",
                place="rules.trailing_activation_pct",
                mend="Give trailing_stop_pct.",
            )
        for field in fields(self):
            if field.name not in _CONDITIONS:
                _check_level(field.name, getattr(self, field.name))

    def nodes(self) -> dict[str, Node]:
        """The members that are nodes, by their name."""
        members = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: member for name, member in members.items() if _is_node(member)}


def _is_node(value: object) -> bool:
    # By shape, so that a rule can be checked without loading the indicators.
    return hasattr(value, "warmup") and hasattr(value, "batch")


def _check_level(name: str, value: object) -> None:
    if value is None or _is_node(value):
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise StrategyError(f"{value!r} is not a positive number or a node", place=f"rules.{name}")
    if name == "confidence" and value > 1:
        raise StrategyError(f"{value} is above 1", place=f"rules.{name}", mend="Give a number in 0..1.")
    if name in ("stop_loss_pct", "trailing_stop_pct") and value >= 1:
        raise StrategyError(f"{value} is 100 % or more", place=f"rules.{name}", mend="0.01 means one percent.")
