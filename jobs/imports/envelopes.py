"""Where in a JSON document the catalog stands, without a change to its text.

A catalog is kept as evidence, so it is cut out of its envelope and never parsed and written again.
"""

import json
import re
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t\n\r]*")
# Only finds where values end: the catalog itself is read strictly, and exactly, later on.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


class EnvelopeError(ValueError):
    """Not an envelope, and why, in one line."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`{"observed_at": T, "payload": {…}}`: the time as written, and the payload's own text.

    `coverage` is the text of the member that an export adds.
    """

    observed_at: str | None
    payload: str
    coverage: str | None = None


def unwrap(text: str) -> Envelope:
    """Take an envelope apart; members of other names are passed over.

    Raises:
        EnvelopeError: not a JSON object, `payload` missing or no list, a member given twice.
    """
    return _taken_apart(_members(text))


def unwrap_document(text: str) -> Envelope:
    """As `unwrap`, but a catalog may also stand by itself, without an envelope.

    Raises:
        EnvelopeError: an envelope that is broken; a catalog is not looked into.
    """
    start = _skip(text, 0)
    if text.startswith("[", start):
        return Envelope(None, text)
    if not text.startswith("{", start):
        raise EnvelopeError(f"it begins with {text[start : start + 20]!r}, not with {{")
    # Most are catalogs, and those are read only once, later on.
    if '"payload"' not in text:
        return Envelope(None, text)
    members = _members(text)
    if "data" in members or "payload" not in members:
        return Envelope(None, text)
    return _taken_apart(members)


def _taken_apart(members: dict[str, str]) -> Envelope:
    if "payload" not in members:
        raise EnvelopeError("`payload` is missing")
    payload = members["payload"]
    # Some gateways' lists are bare arrays; whether this one may be is for its dialect to say.
    if not payload.startswith(("{", "[")):
        raise EnvelopeError(f"`payload` is {payload[:40]}, not an object")
    return Envelope(_time(members.get("observed_at")), payload, members.get("coverage"))


def _time(written: str | None) -> str | None:
    if written is None:
        return None
    value = json.loads(written) if written.startswith('"') else None
    if not isinstance(value, str):
        raise EnvelopeError(f"`observed_at` is {written[:40]}, not a time in quotes")
    return value


def _members(text: str) -> dict[str, str]:
    """The members of the root object, each with its own text."""
    try:
        return _walk(text)
    except (json.JSONDecodeError, StopIteration) as error:
        raise EnvelopeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise EnvelopeError("JSON nested too deeply") from None


def _walk(text: str) -> dict[str, str]:
    members: dict[str, str] = {}
    position = _expect(text, _skip(text, 0), "{")
    while not text.startswith("}", position):
        key, position = _DECODER.raw_decode(text, position)
        if not isinstance(key, str) or key in members:
            raise EnvelopeError(f"the member {str(key)[:40]!r} stands there twice")
        start = _expect(text, _skip(text, position), ":")
        _, end = _DECODER.raw_decode(text, start)
        members[key] = text[start:end]
        position = _skip(text, end)
        if text.startswith("}", position):
            break
        position = _expect(text, position, ",")
        if text.startswith("}", position):
            raise json.JSONDecodeError("Trailing comma", text, position)
    if _skip(text, position + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, position + 1)
    return members


def _expect(text: str, position: int, character: str) -> int:
    """Behind the character and the space that follows it."""
    if not text.startswith(character, position):
        raise json.JSONDecodeError(f"Expecting {character!r}", text, position)
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
