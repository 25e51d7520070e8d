"""What an answer of Binance means is judged by its code, whatever the host and whatever ccxt's class for it."""

from __future__ import annotations

from decimal import InvalidOperation

import pytest

from tradebot.brokers.binance.refusals import Refused, Unanswered, judged, understood

UNKNOWN = [
    (503, -1000, "Unknown error, please check your request or try again later."),
    (503, 0, "Unknown error, please check your request or try again later."),
    (503, -1006, "An unexpected response was received. Execution status unknown."),
    (408, -1007, "Timeout waiting for response from backend server."),
    (400, -1007, "Timeout waiting for response from backend server."),
    (408, 0, "Request Timeout"),
    (504, 0, "Gateway Timeout"),
    (502, 0, "<html>Bad Gateway</html>"),
    (500, 0, "Internal Server Error"),
]
FAILED = [
    (503, 0, "Service Unavailable."),
    (503, -1008, "Server is currently overloaded with other requests."),
    (400, -2019, "Margin is insufficient."),
    (400, -2022, "ReduceOnly Order is rejected."),
    (400, -4120, "Order type not supported for this endpoint."),
    (400, -4164, "Order's notional must be no smaller than 5."),
    (400, -1021, "Timestamp for this request is outside of the recvWindow."),
    (429, -1003, "Too many requests."),
    (418, -1003, "Way too many requests."),
    (403, 0, "Forbidden"),
    (200, -2011, "Unknown order sent."),
]


@pytest.mark.parametrize(("status", "code", "text"), UNKNOWN)
def test_what_may_have_been_done_is_unanswered(status: int, code: int, text: str) -> None:
    assert isinstance(judged(status, code, text), Unanswered)


@pytest.mark.parametrize(("status", "code", "text"), FAILED)
def test_what_was_not_done_is_refused(status: int, code: int, text: str) -> None:
    error = judged(status, code, text)
    assert isinstance(error, Refused)
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize("text", ["Service Unavailable.", "Service Unavailable", "Unknown error"])
def test_no_failure_of_spots_servers_says_that_nothing_was_done(text: str) -> None:
    assert isinstance(judged(503, 0, text, "spot"), Unanswered)
    assert isinstance(judged(503, -1008, text, "spot"), Refused)


@pytest.mark.parametrize("code", [0, 200])
def test_a_success_is_none_of_both(code: int) -> None:
    assert judged(200, code, "success") is None


@pytest.mark.parametrize("error", [KeyError("updateTime"), ValueError("none"), InvalidOperation(), TypeError("none")])
def test_an_answer_that_is_not_understood_is_none(error: Exception) -> None:
    with pytest.raises(Unanswered, match="the account is not understood"), understood("the account"):
        raise error


def test_what_was_refused_stays_so() -> None:
    with pytest.raises(Refused), understood("the account"):
        raise Refused(-2015, 401, "Invalid API-key.")
