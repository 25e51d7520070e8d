"""Spans of time: sets of ``start <= ts < end`` (int64 ns UTC), kept sorted and apart."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same moments in as few spans as possible, in order; empty spans vanish."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def without(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """The spans less ``start <= ts < end``."""
    left = ((first, min(last, start)) for first, last in spans)
    right = ((max(first, end), last) for first, last in spans)
    return merged((*left, *right))


def covers(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether one of the merged spans holds all of ``start <= ts < end``."""
    return any(first <= start and end <= last for first, last in spans)
