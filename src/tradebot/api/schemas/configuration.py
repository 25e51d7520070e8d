"""Bodies about the configuration."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ConfigurationShown(BaseModel):
    """The configuration that is in force."""

    source: str = Field(description="name of its file")
    etag: str = Field(description="tag of the file, as the header ETag tells it; PUT needs it as If-Match")
    configuration: dict[str, Any] = Field(description="every key that holds, defaults too")
    document: dict[str, Any] | None = Field(description="the file as it stands, to be changed and sent back")
    is_pending: bool = Field(description="whether the file says something else, which the next `tradebot up` takes")
    changes: list[ConfigurationChange] = Field(description="what that is, key by key")
    problems: list[ConfigurationProblem] = Field(description="why the next `tradebot up` will not take the file")


class ConfigurationChange(BaseModel):
    """A key that the file says otherwise than what runs, defaults told."""

    path: str
    running: Any = Field(description="what holds now; null where nothing does")
    written: Any = Field(description="what the file says; null where it says nothing")


class ConfigurationCheck(BaseModel):
    """What is wrong with a configuration."""

    is_valid: bool
    problems: list[ConfigurationProblem]


class ConfigurationProblem(BaseModel):
    """One thing that is wrong with it."""

    path: str
    fact: str
    mend: str
