"""What ends a user stream that seems to be well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tradebot.brokers.binance.user_stream import Opened, UserStream, UserStreamPatience


class Access:
    """A stream on which a test says what comes."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Any]:
        yield self

    async def next(self) -> dict[str, Any]:
        return await self.coming.get()

    async def keep_alive(self) -> None:
        await asyncio.Event().wait()

    def event(self, message: dict[str, Any]) -> dict[str, Any]:
        return message


@pytest.mark.parametrize("behind", [0, 1, 3])
async def test_a_doubt_cast_on_a_message_outlives_those_behind_it(behind: int) -> None:
    access = Access()
    stream = UserStream(access, UserStreamPatience(first_s=0.01))
    for number in range(1 + behind):
        access.coming.put_nowait({"number": number})
    heard: list[int | str] = []

    async def listen() -> None:
        async for message in stream.messages():
            heard.append("opened" if isinstance(message, Opened) else message["number"])
            if stream.opens == 2:
                return
            if heard[-1] == 0:
                stream.doubt()

    async with asyncio.timeout(5):
        await listen()
    assert heard == ["opened", 0, "opened"]


async def test_a_stream_that_was_opened_again_is_not_doubted_any_more() -> None:
    access = Access()
    stream = UserStream(access, UserStreamPatience(first_s=0.01))
    heard: list[int] = []

    async def listen() -> None:
        async for message in stream.messages():
            if isinstance(message, Opened):
                if stream.opens == 1:
                    stream.doubt()
                else:
                    access.coming.put_nowait({"number": len(heard)})
            elif len(heard) < 3:
                heard.append(message["number"])
                access.coming.put_nowait({"number": len(heard)})
            else:
                return

    async with asyncio.timeout(5):
        await listen()
    assert (heard, stream.opens) == ([0, 1, 2], 2)
