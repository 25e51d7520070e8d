"""Proof that a strategy is honest: it sees no future, starts anywhere, and is one strategy in every form."""

from tradebot.research.verify.verdict import Check, Verdict
from tradebot.research.verify.verification import verify

__all__ = ["Check", "Verdict", "verify"]
