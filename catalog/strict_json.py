"""JSON read strictly and written exactly: no float, no duplicate key, no surprise.

RFC 8259 leaves duplicate keys, huge numbers and lone surrogates to the reader; here each is
refused, because each would let two readers see two catalogs in one body.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any, NoReturn

from pricetrail.catalog.errors import CatalogError

_MAX_NUMBER = 400
_MAX_EXPONENT = 308
_BOM = b"\xef\xbb\xbf"


def loads(body: str | bytes) -> Any:
    """Parse JSON; numbers with a point or an exponent become `Decimal`.

    Raises:
        CatalogError: not JSON, not UTF-8, a key given twice, `NaN`, a number beyond the range
            of a double or of more than 400 characters, nesting too deep, U+0000, or a lone
            surrogate. One leading byte order mark passes.
    """
    text = decode(body) if isinstance(body, bytes) else body
    try:
        value = decoder.decode(text)
        check_text(text, value)
    except json.JSONDecodeError as error:
        raise CatalogError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise CatalogError("JSON nested too deeply") from None
    return value


def decode(body: bytes) -> str:
    """Bytes to text, strictly UTF-8, less one leading byte order mark."""
    try:
        return body.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise CatalogError(f"not UTF-8 at byte {error.start}") from None


def dumps(value: object) -> str:
    """Compact JSON with exact decimals in plain notation; non-ASCII characters are kept.

    Raises:
        TypeError: something that has no exact JSON form, a float first of all.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return (
            "{" + ",".join([f"{encode_basestring(k)}:{dumps(v)}" for k, v in value.items()]) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join([dumps(one) for one in value]) + "]"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no exact JSON form")


# Characters of a JSON text that show as nothing, or tell a terminal or a reader something else
# than they show: DEL, C1, bidi and other format characters, line separators (Cc, Cf, Zl, Zp).
INVISIBLE = (
    "\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def indented(value: object, margin: str = "") -> str:
    """The same JSON in lines, for people."""
    inner = margin + "  "
    if isinstance(value, dict) and value:
        members = [f"{inner}{dumps(key)}: {indented(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{margin}}}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(inner + indented(one, inner) for one in value) + f"\n{margin}]"
    return dumps(value)


def printable(text: str) -> str:
    """A JSON text of the same value that a terminal can show: what is invisible is escaped."""
    # Most are plain; seeing that takes a tenth of the time.
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex()
    return "".join(rf"\u{units[index : index + 4]}" for index in range(0, len(units), 4))


_WORDS = {None: "null", True: "true", False: "false"}


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise CatalogError(f"the key {key[:80]!r} appears twice in one JSON object")
            seen.add(key)
    return members


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= _MAX_NUMBER else None
    except InvalidOperation:  # an exponent that not even a Decimal can hold
        number = None
    # A zero has its exponent as well: 0e-999999999 in plain notation would be a gigabyte.
    limit = _MAX_EXPONENT if number else _MAX_NUMBER
    if number is None or abs(number.adjusted()) > limit:
        raise CatalogError(f"a JSON number out of range: {text[:40]}")
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER:
        raise CatalogError(f"a JSON number out of range: {len(text)} digits")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise CatalogError(f"{name} is not JSON")


def check_text(text: str, value: object) -> None:
    """Refuse what only an escape can smuggle into a string: U+0000 and lone surrogates.

    Raises:
        CatalogError: `value`, parsed from `text`, holds one.
    """
    # Only an escape can bring these in: the strict decoder refused raw surrogates, JSON raw NULs.
    if "\\u" not in text:
        return
    for string in _strings(value):
        if "\x00" in string:
            raise CatalogError("U+0000 inside a string")
        try:
            string.encode()
        except UnicodeEncodeError:
            raise CatalogError("a lone surrogate inside a string") from None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)


decoder = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=_refuse_constant,
)
