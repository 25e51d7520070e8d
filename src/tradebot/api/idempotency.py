"""Requests that are done once, however often they are sent.

The header is that of the IETF draft "The Idempotency-Key HTTP Header Field", draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import Header

from tradebot.api.problems import RequestError
from tradebot.api.schemas.orders import OrderAnswer, PlaceOrder
from tradebot.store.operators import OperatorsBook

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="a word of the client's own, such as a UUID; for a day the same request under it is done once",
    ),
]
"""The header ``Idempotency-Key``, as a parameter of a route."""


class RefusedError(RequestError):
    """The bot has refused what was asked for: an answer, which asking again does not change."""


class _Kept(msgspec.Struct, frozen=True):
    """An answer: a body, or a refusal by status, fact, place and mend."""

    body: str = ""
    refusal: tuple[int, str, str, str] | None = None


def once(
    account: Path, operator: str, key: str | None, asked: PlaceOrder, place: Callable[[], OrderAnswer]
) -> OrderAnswer:
    """Place an order, or give the answer of the first time.

    Parameters
    ----------
    account : folder of the account.
    operator : who asks: keys of others are others.
    key : from the client; ``None`` places it in any case.

    Raises
    ------
    RequestError : the key came with another order before (422), or its first request is not answered yet, or never was,
        as the server ended in between (409).
    RefusedError : the bot refuses the order.
    """
    if key is None:
        return place()
    key, book = key.strip().strip('"'), OperatorsBook(account)
    if not key:
        raise RequestError(422, "it is empty", place="Idempotency-Key", mend="Give each order its own, such as a UUID.")
    digest = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()
    earlier = book.begin(operator, key, digest)
    if earlier is not None:
        if earlier.digest != digest:
            raise RequestError(
                422, "it came with another order before", place="Idempotency-Key", mend="Give each order its own."
            )
        return _given(earlier.answer)
    try:
        answer = place()
    except RefusedError as error:
        refusal = (error.status, error.fact, error.place, error.mend)
        book.end(operator, key, msgspec.json.encode(_Kept(refusal=refusal)).decode())
        raise
    except RequestError:
        # It has not come to the bot.
        book.end(operator, key, None)
        raise
    book.end(operator, key, msgspec.json.encode(_Kept(body=answer.model_dump_json())).decode())
    return answer


def _given(answer: str | None) -> OrderAnswer:
    if answer is None:
        mend = "Ask again in a moment; where it stays so, see in GET /api/v1/orders whether it was placed."
        raise RequestError(409, "the first request with it has no answer", place="Idempotency-Key", mend=mend)
    kept = msgspec.json.decode(answer, type=_Kept)
    if kept.refusal is not None:
        status, fact, place, mend = kept.refusal
        raise RefusedError(status, fact, place=place, mend=mend)
    return OrderAnswer.model_validate_json(kept.body)
