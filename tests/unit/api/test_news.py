"""What the stream tells of an event: what a person should see, and no secret in it."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

from tradebot.api.live.events import News, news_of
from tradebot.api.live.hub import Hub
from tradebot.api.schemas.trading import Position
from tradebot.core.event import Adopted, Timer
from tradebot.core.redaction import Redactor

CANARY = "canary of a venue"


def test_a_position_taken_as_the_broker_holds_it_is_told():
    taken = Adopted(ts=5, symbol="BTCUSDT", quantity=Decimal("-0.5"), price=Decimal(60000), currency="USDT")
    told = list(news_of(Timer(ts=5, name="look"), [taken]))
    held = {"symbol": "BTCUSDT", "quantity": "-0.5", "price": "60000", "order_id": "adopted-BTCUSDT-5"}
    assert told == [News("fills", "adopted", 5, held)]


async def test_no_secret_stands_in_a_message():
    hub = Hub(redactor=Redactor([CANARY]))
    listener = hub.listen(frozenset())
    hub.publish([News("log", "notice", 1, {"text": f"the venue said {CANARY}", "more": [{"apiKey": "abc", "n": 1}]})])
    hub.attach(asyncio.get_running_loop())
    (sent,) = await listener.take(5.0)
    assert json.loads(sent.text)["data"] == {"text": "the venue said ***", "more": [{"apiKey": "***", "n": 1}]}


def test_a_zero_bears_no_sign():
    told = Position(symbol="BTCUSDT", quantity=-1.0, entry_price=1.0, unrealized_pnl=-0.0).model_dump_json()
    assert '"unrealized_pnl":0.0,' in told
    assert '"quantity":-1.0,' in told
