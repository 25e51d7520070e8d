"""Logging in."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Login(BaseModel):
    """Credentials of a browser."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=512)


class SessionState(BaseModel):
    """Who one is, and what must come with everything one changes."""

    name: str
    role: Literal["viewer", "operator"]
    way: Literal["open", "session", "token"] = Field(description="`open` where nothing is demanded")
    csrf_token: str = Field(default="", description="for the header X-CSRF-Token; empty where none is needed")
