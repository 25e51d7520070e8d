"""The load of W11: ``python -m benchmarks.ours.load_clients URL SECONDS`` prints the times of its requests for /bot.

50 listeners hear the whole stream, and 200 requests a second go out at their times, whether those before were answered
or not, so that a slow answer is not hidden by the questions it keeps from being asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from typing import Final

from httpx2 import AsyncClient, Limits
from websockets.asyncio.client import connect

LISTENERS: Final = 50
RATE: Final = 200.0
# One in four asks how the bot stands, the others for what a dashboard shows beside it.
_PATHS: Final = ("bot", "positions", "orders?limit=20", "history/MOCKUSDT?limit=100")


async def listen(url: str, everybody: asyncio.Barrier, seconds: float) -> list[int]:
    """Numbers of the messages that one listener heard, from when everybody hears."""
    numbers: list[int] = []
    async with connect(f"{url.replace('http', 'ws')}/api/v1/stream", max_size=None, compression=None) as socket:
        await everybody.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] not in ("hello", "beat"):
                        numbers.append(message.get("seq", -1))
    return numbers


async def ask(client: AsyncClient, seconds: float) -> tuple[list[float], int]:
    """Times of the requests for /bot, and how many requests failed."""
    times: list[float] = []
    failures = 0

    async def one(path: str) -> None:
        nonlocal failures
        begun = time.perf_counter()
        answer = await client.get(f"/api/v1/{path}")
        if answer.status_code != 200:
            failures += 1
        elif path == "bot":
            times.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        due, number = time.perf_counter(), 0
        end = due + seconds
        while due < end:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(one(_PATHS[number % len(_PATHS)]))
            due, number = due + 1 / RATE, number + 1
    return times, failures


def gaps(heard: list[list[int]]) -> int:
    """Listeners that did not hear every message in its order."""
    return sum(numbers != list(range(numbers[0], numbers[0] + len(numbers))) if numbers else 1 for numbers in heard)


async def main(url: str, seconds: float) -> None:
    everybody = asyncio.Barrier(LISTENERS + 1)
    async with AsyncClient(base_url=url, timeout=30, limits=Limits(max_connections=20)) as client:
        listeners = [asyncio.create_task(listen(url, everybody, seconds)) for _ in range(LISTENERS)]
        await everybody.wait()
        print("they hear", flush=True)
        times, failures = await ask(client, seconds)
        heard = await asyncio.gather(*listeners)
    json.dump({"wrong": gaps(heard) + failures, "requests": times, "messages": sum(map(len, heard))}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
