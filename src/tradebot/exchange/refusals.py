"""What the exchange answers when it does not do as asked: Binance's error codes, their texts and HTTP statuses.

Source: Binance Open Platform, USD-M futures, "Error Codes" and "HTTP Return Codes".
"""

from __future__ import annotations

from typing import Final

MESSAGES: Final = {
    -1000: "An unknown error occurred while processing the request.",
    -1003: "Too many requests; current limit is {limit} requests per minute. Please use the websocket for live updates "
    "to avoid polling the API.",
    -1006: "An unexpected response was received from the message bus. Execution status unknown.",
    -1007: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    -1008: "Server is currently overloaded with other requests. Please try again in a few minutes.",
    -1015: "Too many new orders; current limit is {limit} orders per {window}.",
    -1013: "Filter failure: {name}",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1100: "Illegal characters found in parameter '{name}'; legal range is '{legal}'.",
    -1102: "Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    -1106: "Parameter '{name}' sent when not required.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1120: "Invalid interval.",
    -1121: "Invalid symbol.",
    -1127: "Lookup interval is too big. More than {hours} hours between startTime and endTime.",
    -1128: "Combination of optional parameters invalid.",
    -1125: "This listenKey does not exist.",
    -1130: "Data sent for parameter '{name}' is not valid.",
    -2007: "Invalid callBack rate.",
    -2010: "NEW_ORDER_REJECTED",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2019: "Margin is insufficient.",
    -2021: "Order would immediately trigger.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2022: "ReduceOnly Order is rejected.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id length should be less than 36 chars",
    -4016: "Limit price can't be higher than {limit}.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than {limit}.",
    -4028: "Leverage {leverage} is not valid",
    -4045: "Reach max stop order limit.",
    -4046: "No need to change margin type.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4059: "No need to change position side.",
    -4061: "Order's position side does not match user's setting.",
    -4068: "Position side cannot be changed if there exists position.",
    -4116: "ClientOrderId is duplicated.",
    -4118: "ReduceOnly Order Failed. Please check your existing position and open orders",
    -4120: "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4136: "Target strategy invalid for orderType {kind},closePosition true",
    -4137: "Quantity must be zero with closePosition equals true",
    -4138: "Reduce only must be true with closePosition equals true",
    -4140: "Invalid symbol status for opening position.",
    -4141: "Symbol is closed.",
    -4164: "Order's notional must be no smaller than {limit} (unless you choose reduce only).",
    -4171: "Multi-assets margin mode is not offered by the local exchange.",
    -4509: "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be "
    "recorded in the order history",
    -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not "
    "be recorded in the order history",
    -5027: "No need to modify the order.",
}
_STATUSES: Final = {-1003: 429, -1006: 503, -1007: 408, -1008: 503, -1015: 429, -2014: 401, -2015: 401}

NATIVE: Final = {
    "lot": -4023,
    "tick": -4014,
    "min_quantity": -4004,
    "max_quantity": -4005,
    "min_notional": -4164,
    "price": -4013,
    "insufficient_margin": -2019,
    "reduce_only": -2022,
    "post_only_would_cross": -5022,
    "fill_or_kill": -5021,
    "market_closed": -4141,
    "time_in_force": -1115,
    "unknown_order": -2011,
}
"""Code for each reason for which the simulated exchange refuses an order."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """An answer that refuses a request; ``details`` fill the blanks of the code's text.

    Parameters
    ----------
    code : Binance's error code; negative.
    text : another text than the documented one.
    status : HTTP status, where it is not the code's usual one.
    retry_after : seconds for the Retry-After header.
    """

    def __init__(
        self, code: int, *, text: str = "", status: int | None = None, retry_after: int | None = None, **details: object
    ) -> None:
        self.code = code
        self.text = text or MESSAGES[code].format_map(details)
        self.status = status or _STATUSES.get(code, 400)
        self.retry_after = retry_after
        super().__init__(f"{code}: {self.text}")

    @property
    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"code": self.code, "msg": self.text}
