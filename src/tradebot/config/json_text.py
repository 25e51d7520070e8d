"""JSON as plain values, with what JSON readers let pass marked where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, cast

from tradebot.config.problems import Problem, joined
from tradebot.config.secrets import is_secret, place_of
from tradebot.config.values import quoted

# Far beyond any price, quantity or rate, and within what doubles hold.
_EXPONENT: Final = 30
_DIGITS: Final = 40
_DEPTH: Final = 32
_CREDENTIALS: Final = re.compile(r"\w://[^/\s:@]*:[^/\s@]+@")


class Flaw(NamedTuple):
    """What stands in the place of a value that cannot be taken."""

    fact: str
    mend: str


class _Object(dict[str, Any]):
    """An object, and the keys that came more than once."""

    twice: Sequence[str] = ()


class DeepError(ValueError):
    """The text is nested deeper than any document."""


def parse(text: str) -> Any:
    """Values of a JSON text; numbers with a point are decimals, and a :class:`Flaw` stands for one out of range.

    Raises
    ------
    JSONDecodeError : the text is no JSON.
    DeepError : it is nested deeper than a reader can follow.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_constant
        )
    except RecursionError:
        raise DeepError(f"it is nested deeper than {_DEPTH} levels") from None


def flaws(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Every value of a document that cannot be taken, and every secret; a secret's value is never looked at."""
    yield from _flaws(document, (), document)


def _flaws(value: Any, steps: tuple[str, ...], document: Mapping[str, Any]) -> Iterator[Problem]:
    path = joined(steps)
    if isinstance(value, Flaw):
        yield Problem(path, *value)
    elif isinstance(value, str):
        if flaw := _flaw_of(value):
            yield Problem(path, *flaw)
    elif len(steps) == _DEPTH:
        yield Problem(joined(steps[:3]), f"is nested deeper than {_DEPTH} levels", "Write it flatter.")
    elif isinstance(value, list):
        for n, member in enumerate(cast("list[Any]", value)):
            yield from _flaws(member, (*steps, str(n)), document)
    elif isinstance(value, dict):
        for key in getattr(cast("object", value), "twice", ()):
            yield Problem(joined((*steps, key)), "the key comes twice", "Leave one of them.")
        for key, member in cast("dict[str, Any]", value).items():
            below = (*steps, key)
            if is_secret(key):
                mend = f"Set it in the environment or the keyring ({place_of(joined(below), document)})."
                # The parenthesis keeps the redactor of errors from taking the next word for the secret.
                yield Problem(joined(below), "(not shown) a secret does not belong into a file", mend)
            elif flaw := _flaw_of(key):
                yield Problem(joined(below), flaw.fact.replace("it", "the key", 1), flaw.mend)
            else:
                yield from _flaws(member, below, document)


def _flaw_of(text: str) -> Flaw | None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Flaw("it holds half a surrogate pair, which is no character", "Write the character itself.")
    if "\0" in text:
        return Flaw("it holds a NUL character", "Leave it out.")
    if _CREDENTIALS.search(text):
        mend = "Leave user and password out of the address; they belong into the environment or the keyring."
        return Flaw("it holds a password, which does not belong into a file", mend)
    return None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.twice = sorted({key for key in keys if keys.count(key) > 1})
    return found


def _number(text: str) -> int | Decimal | Flaw:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _out_of_range(text)
    if (number and abs(number.adjusted()) > _EXPONENT) or len(number.as_tuple().digits) > _DIGITS:
        return _out_of_range(text)
    return number if set(text) & set(".eE") else int(text)


def _out_of_range(text: str) -> Flaw:
    return Flaw(f"{quoted(text)[1:-1]} is out of range", f"Numbers have {_DIGITS} digits and 30 zeros at most.")


def _constant(word: str) -> Flaw:
    return Flaw(f"{word} is not a number", "Write a finite number.")
