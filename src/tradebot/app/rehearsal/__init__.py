"""The rehearsal: a bot's broker goes through every act it will need, at an exchange, with play money.

``rehearsing`` leads it; ``acts`` are its steps on a ``Stage``; ``hearing`` collects what the broker tells; ``clearing``
takes back whatever is left where a step fails.
"""

from tradebot.app.rehearsal.clearing import Cleared
from tradebot.app.rehearsal.rehearsing import Audience, Rehearsal, rehearse
from tradebot.app.rehearsal.stage import Patience, Plan

__all__ = ["Audience", "Cleared", "Patience", "Plan", "Rehearsal", "rehearse"]
