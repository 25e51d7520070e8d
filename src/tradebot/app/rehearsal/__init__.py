"""The rehearsal: a bot's broker goes through every act it will need, at an exchange, with play money.

``rehearsing`` leads it; ``acts`` and ``refusals`` are its steps on a ``Stage``; ``hearing`` collects what the broker
tells, ``questions`` ask the exchange past it; ``clearing`` takes back whatever is left where a step fails; ``standard``
says what a rehearsal must be of to count.
"""

from tradebot.app.rehearsal.clearing import Cleared
from tradebot.app.rehearsal.rehearsing import Audience, Rehearsal, rehearse
from tradebot.app.rehearsal.stage import Patience, Plan
from tradebot.app.rehearsal.standard import standard

__all__ = ["Audience", "Cleared", "Patience", "Plan", "Rehearsal", "rehearse", "standard"]
