"""What an operator does by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tradebot.api.schemas.values import SymbolText

Price = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]


class PlaceOrder(BaseModel):
    """An order of an operator: it goes the way of a strategy's, through the same limits and rules."""

    model_config = ConfigDict(extra="forbid")

    symbol: SymbolText = Field(description="one of the markets the bot trades")
    side: Literal["buy", "sell"]
    quantity: float = Field(gt=0, le=1e12, allow_inf_nan=False, description="units; cut to the market's lot")
    type: Literal["market", "limit", "stop"] = "market"
    price: Price | None = Field(default=None, description="of a limit order, and of no other")
    trigger: Price | None = Field(default=None, description="of a stop order, and of no other")
    stop_loss: Price | None = Field(default=None, description="trigger of the stop that rests once it has filled")
    take_profit: Price | None = Field(default=None, description="price of the target that rests once it has filled")
    reduce_only: bool = Field(default=False, description="never opens a position; takes no exits")
    reason: str = Field(default="", max_length=200, description="one sentence, for the audit")


class OrderAnswer(BaseModel):
    """The bot has reviewed it and sent it on; what the broker says comes by the stream.

    One that was refused is a problem (409) that names the rule.
    """

    action: Literal["place", "cancel", "close"]
    account: str
    symbol: str
    order_id: str = Field(description="client id of the order; empty where none was needed, or it is not known yet")
    is_decided: bool = Field(description="false where the bot has not come to it yet; the stream tells its answer")
