"""A bot on paper in the place of one whose broker is lost, where the configuration asks for that."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tradebot.app.bot import Bot
from tradebot.core.errors import TradebotError
from tradebot.core.event import Notify, Severity

if TYPE_CHECKING:
    from tradebot.app.recording import Recording
    from tradebot.config import Loaded


async def trade(bot: Bot, loaded: Loaded, environment: Mapping[str, str], recording: Recording) -> str:
    """Run a bot until it stops; returns the reason.

    Where ``broker.when_lost`` says ``paper``, a bot on paper begins beside it once its broker is lost. The first stays,
    halted: it looks after its positions as soon as the broker is back, and trades again only when a person has released
    it. The one on paper has an account of its own and ends with it.
    """
    if bot.mode != "live" or loaded.configuration.broker.when_lost != "paper":
        return await bot.run()
    stand_in = asyncio.create_task(_stand_in(bot, loaded, environment, recording))
    try:
        return await bot.run()
    finally:
        stand_in.cancel()
        await asyncio.gather(stand_in, return_exceptions=True)


async def _stand_in(bot: Bot, loaded: Loaded, environment: Mapping[str, str], recording: Recording) -> None:
    await bot.driver.broker_lost.wait()
    try:
        async with Bot.open(_on_paper(loaded), environment) as paper:
            bot.stand_in, paper.stands_in_for = paper.account, bot.account
            text = f"{bot.account} has lost its broker: from here on it trades ON PAPER, as {paper.account}"
            recording.say(Notify(Severity.CRITICAL, f"{text}. Nothing trades for real until it is released."))
            running = asyncio.create_task(paper.run())
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                paper.stop(f"{bot.account} ends")
                await running
                raise
    except Exception as error:  # noqa: BLE001 - whatever ends it is told; the bot that trades for real goes on
        told = str(error) if isinstance(error, TradebotError) else repr(error)
        recording.say(
            Notify(Severity.CRITICAL, f"{bot.account} is halted, and no bot on paper takes its place: {told}")
        )
    finally:
        bot.stand_in = ""


def _on_paper(loaded: Loaded) -> Loaded:
    configuration = loaded.configuration
    engine = configuration.engine.model_copy(update={"mode": "paper"})
    return dataclasses.replace(loaded, configuration=configuration.model_copy(update={"engine": engine}))
