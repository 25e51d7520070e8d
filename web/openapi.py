"""Print the OpenAPI document of the API, which the dashboard's types are made of."""

import json

from tradebot.api.application import create_app
from tradebot.api.live.hub import Hub
from tradebot.api.serving import services_of
from tradebot.api.settings import ApiSettings

if __name__ == "__main__":
    print(json.dumps(create_app(services_of(Hub(1, 1)), ApiSettings()).openapi()))
