"""Strategies: what a person writes, the rules it may compose, and the registry that finds it."""

from tradebot.strategies.allocation import AllocationPolicy
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import Param, param
from tradebot.strategies.policy import Policy, SignalPolicy
from tradebot.strategies.portfolio_policy import PortfolioPolicy
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy

__all__ = [
    "AllocationPolicy",
    "Bars",
    "Param",
    "Policy",
    "PortfolioPolicy",
    "Rules",
    "SignalPolicy",
    "Strategy",
    "param",
]
