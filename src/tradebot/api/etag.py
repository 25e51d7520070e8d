"""Entity tags (RFC 9110): what has not changed is not sent again, and what has is not written over."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header

from tradebot.api.problems import RequestError

Condition = Annotated[str | None, Header(description="tags of what the client has", max_length=400)]
"""The header ``If-None-Match``, as a parameter of a route."""

Unchanged = Annotated[str | None, Header(description="tag of what is to be replaced; `*` for whatever", max_length=400)]
"""The header ``If-Match``, as a parameter of a route."""


def tag_of(content: bytes) -> str:
    """A strong tag: the same for the same bytes alone."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_current(tag: str, condition: str | None) -> bool:
    """Whether what the client has is what there is."""
    if condition is None:
        return False
    known = {each.strip().removeprefix("W/") for each in condition.split(",")}
    return "*" in known or tag.removeprefix("W/") in known


def require_unchanged(tag: str, condition: str | None) -> None:
    """Refuse to replace what somebody else has changed meanwhile.

    Parameters
    ----------
    tag : of what there is.
    condition : the header ``If-Match``.

    Raises
    ------
    RequestError : there is no condition (428), or it names something else (412).
    """
    mend = "GET it again, and send its ETag as If-Match."
    if condition is None:
        raise RequestError(428, "nothing says what is to be replaced", place="If-Match", mend=mend)
    # A weak tag names no bytes.
    if not {each.strip() for each in condition.split(",")} & {tag, "*"}:
        raise RequestError(412, "somebody has changed it meanwhile", place="If-Match", mend=mend, headers={"ETag": tag})
