"""The REST, WebSocket and SSE interface of a bot and of research; it serves the dashboard too."""
