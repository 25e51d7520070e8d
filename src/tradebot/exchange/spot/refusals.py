"""What Binance spot answers when it does not do as asked, where futures answer otherwise.

Source: Binance Open Platform, Spot, "Error Codes", sections on filter failures and on -1010, -2010 and -2011.
"""

from __future__ import annotations

from tradebot.exchange.refusals import Refusal


def filter_failure(name: str) -> Refusal:
    """An order that breaks a filter."""
    return Refusal(-1013, name=name)


def rejected(text: str) -> Refusal:
    """An order that the matching engine does not take."""
    return Refusal(-2010, text=text)


def poor() -> Refusal:
    """An order for which the account has too little."""
    return rejected("Account has insufficient balance for requested action.")


class ReplaceFailed(Refusal):
    """An order was to take another's place, and one of the two steps, or both, failed.

    Parameters
    ----------
    code : -2021 where one step was done, -2022 where none was.
    data : what came of each step.
    """

    def __init__(self, code: int, data: dict[str, object]) -> None:
        partially = code == -2021
        super().__init__(
            code,
            text=f"Order cancel-replace {'partially ' if partially else ''}failed.",
            status=409 if partially else 400,
        )
        self.data = data

    @property
    def body(self) -> dict[str, object]:
        """The JSON body."""
        return super().body | {"data": self.data}
