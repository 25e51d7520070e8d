"""What goes wrong between us and a provider and may pass by itself."""

from __future__ import annotations


class Retriable(Exception):  # noqa: N818 - it is an answer to wait on, not yet an error
    """The provider did not answer, or asks us to come back.

    Parameters
    ----------
    fact : what happened, as a clause.
    after : seconds the provider asks us to wait; ``None`` where it does not say.
    """

    def __init__(self, fact: str, after: float | None = None) -> None:
        super().__init__(fact)
        self.fact = fact
        self.after = after


def seconds_to_wait(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); ``None`` where there is none, or a date."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
