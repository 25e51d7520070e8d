"""Entity tags: what has not changed is not sent again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

Condition = Annotated[str | None, Header(description="tags of what the client has", max_length=400)]
"""The header ``If-None-Match``, as a parameter of a route."""


def is_current(tag: str, condition: str | None) -> bool:
    """Whether what the client has is what there is."""
    if condition is None:
        return False
    known = {each.strip().removeprefix("W/") for each in condition.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
