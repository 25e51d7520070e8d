"""Roles of timeframes: ``HTF`` and the like, which a strategy reads and a run binds to intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tradebot.core.errors import ConfigError, StrategyError, TradebotError, did_you_mean
from tradebot.core.interval import Interval

BASE: Final = "LTF"
"""The role of the bars a run trades on."""


def checked_roles(strategy: str, roles: Mapping[str, str]) -> dict[str, str]:
    """The roles of a class, ``{"HTF": "4h", "LTF": "15m"}``, each interval in its usual spelling.

    Raises
    ------
    StrategyError : a role's interval is none.
    """
    found: dict[str, str] = {}
    for role, text in roles.items():
        try:
            found[role] = str(Interval.parse(text))
        except (TradebotError, AttributeError) as error:
            fact, mend = f'"{text}" is not an interval', 'Write it as roles = {"HTF": "4h", "LTF": "15m"}.'
            raise StrategyError(fact, place=f"{strategy}.roles.{role}", mend=mend) from error
    return found


def rebound(strategy: str, declared: Mapping[str, str], tf_roles: Mapping[str, str]) -> dict[str, str]:
    """Interval by role out of the role by interval that a run gives.

    Parameters
    ----------
    strategy : its name, for messages.
    declared : the strategy's roles with their default intervals.
    tf_roles : such as ``{"4h": "HTF", "15m": "LTF"}``.

    Raises
    ------
    StrategyError : the strategy has no such role.
    ConfigError : an interval is none, or a role is given two.
    """
    found: dict[str, str] = {}
    for text, role in tf_roles.items():
        interval = str(Interval.parse(text))
        if role not in declared:
            known = f"It has {', '.join(declared)}." if declared else "It declares none: leave it out."
            mend = did_you_mean(role, declared) or known
            raise StrategyError(f'there is no role "{role}"', place=f"{strategy}.roles", mend=mend)
        if role in found:
            fact = f"{role} is given to {found[role]} and to {interval}"
            raise ConfigError(fact, place="tf_roles", mend="Give each role one interval.")
        found[role] = interval
    return found


def check_against_base(strategy: str, roles: Mapping[str, str], given: Mapping[str, str], base: Interval) -> None:
    """Refuse roles that the bars of a run cannot fill.

    The strategy's own interval of ``LTF`` is but what it was made for; one that the run gives must be that of its bars.

    Parameters
    ----------
    roles : interval by role, those of the run in the place of the declared ones.
    given : interval by role, those of the run alone.
    base : interval of the bars the run trades on.

    Raises
    ------
    StrategyError : a higher timeframe is not above the base, the base does not fill it, or ``LTF`` is not the base.
    """
    for role, text in roles.items():
        interval, place = Interval.parse(text), f"{strategy}.roles.{role}"
        if role == BASE:
            if role in given and interval != base:
                fact = f"it is {interval}, and the run trades on {base} bars"
                raise StrategyError(fact, place=place, mend=f"Give {interval} bars, or {base} the role.")
        elif interval.ns <= base.ns:
            fact = f"{interval} is not above the {base} bars the run trades on"
            raise StrategyError(fact, place=place, mend=f"Give {role} a longer interval, or the run shorter bars.")
        elif not base.fits_into(interval):
            fact = f"{base} bars do not fill {interval} bars"
            raise StrategyError(fact, place=place, mend=f"Give {role} a whole multiple of {base}.")
