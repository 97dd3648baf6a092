"""Secrets taken out of what others say: a key that is repeated to us goes no further.

Whoever is given a secret may repeat it: as it is, escaped for JSON or HTML, percent-encoded, in
hex, or inside base64 at any of its three alignments; also one notation inside another, and as a
name for people that was made from it (`sk-canary` → `Sk Canary`).
"""

import base64
import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

MASK = "***"
# A shorter secret is in any text by chance: taking it out would change names and prices. What has
# letters and digits is no word, and told apart from six characters on (`sk-1234`).
SHORTEST, SHORTEST_MIXED = 8, 6
_MIXED = re.compile(rf"(?=.*[A-Za-z])(?=.*[0-9]).{{{SHORTEST_MIXED},}}", re.DOTALL)
# Where base64 of so many bytes and then a secret begins to tell the secret.
_BASE64_STARTS = (0, 2, 3)
# Base64 has two alphabets; names are made of ids by other cases and separators.
_IN_BASE64 = {"+": "+-", "/": "/_"}
_IN_NAMES = {"-": "-_ ", "_": "_- "} | {
    letter: letter.lower() + letter.upper() for letter in string.ascii_letters
}
_SEPARATORS = bytes.maketrans(b"_ ", b"--")
_URLSAFE = bytes.maketrans(b"+/", b"-_")
# How many backslashes, or `25` after a `%`, one notation inside another is looked for with: without
# a bound, a body of nothing else would take hours.
_DEEPEST = 8
_ESCAPE = re.compile(
    rb"\\+u([0-9A-Fa-f]{4})|%(?:25)*(?:u00)?([0-9A-Fa-f]{2})"
    rb"|&#[xX]0*([0-9A-Fa-f]{1,6});|&#0*([0-9]{1,7});|\\+"
)
_PLAIN, _ENCODED, _BASE64, _HEX = b"***", b"***(encoded)", b"***(base64)", b"***(hex)"


class Masker:
    """Replaces every notation of some secrets by `***`, and by its name where it is not plain.

    Args:
        secrets: what is to be hidden.
        shortest: the characters below which one is not looked for, unless it mixes letters and
            digits. Of those below 6, base64 and hex are not: any text would hold them.
    """

    def __init__(self, secrets: Iterable[str], *, shortest: int = SHORTEST) -> None:
        # The longest first: one may be part of another.
        sought = {one for one in secrets if len(one) >= shortest or _MIXED.fullmatch(one)}
        wanted = sorted(sought, key=len, reverse=True)
        self._marks = [mark for one in wanted for mark in _marks(one.encode())]
        self._folded = [mark for one in wanted for mark in _folded_marks(one.encode())]
        self._wanted = wanted
        # What looks like an escape itself is not found among what was unescaped.
        self._odd = any(_ESCAPE.search(one.encode()) for one in wanted)

    @cached_property
    def _forms(self) -> list[tuple[re.Pattern[bytes], bytes]]:
        """Made when one may be there: it takes longer than all else, and hardly ever is."""
        return [form for one in self._wanted for form in _forms(one)]

    def mask(self, data: bytes) -> bytes:
        """The bytes without the secrets; JSON strings stay JSON strings."""
        if self._may_hold(data):
            for pattern, mask in self._forms:
                data = pattern.sub(lambda match, mask=mask: _masked(match, mask), data)  # type: ignore[misc]  # mypy cannot infer a bound default
        return data

    def _may_hold(self, data: bytes) -> bool:
        """A quick look, for the thorough one takes a second for 16 MiB."""
        if self._is_marked(data):
            return True
        if not any(start in data for start in (b"\\", b"%", b"&#")):
            return False
        return self._odd or self._is_marked(_ESCAPE.sub(_unescaped, data))

    def _is_marked(self, data: bytes) -> bool:
        folded = _folded(data)
        return any(mark in data for mark in self._marks) or any(
            mark in folded for mark in self._folded
        )

    def text(self, text: str) -> str:
        """The text without the secrets."""
        return self.mask(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")


def _unescaped(match: re.Match[bytes]) -> bytes:
    json, percent, html, decimal = match.groups()
    if percent is not None:
        return bytes.fromhex(percent.decode())
    digits, base = (decimal, 10) if decimal is not None else (json or html, 16)
    code = int(digits, base) if digits else None
    # Backslashes alone stand before what they escape.
    return b"" if code is None or code > sys.maxunicode else chr(code).encode(errors="replace")


def _masked(match: re.Match[bytes], mask: bytes) -> bytes:
    before = match.string[max(0, match.start() - 100) : match.start()]
    if match[0][:1] in b"bfnrtu" and (len(before) - len(before.rstrip(b"\\"))) % 2:
        # Its first letter belongs to an escape such as `\n`, so it is not the secret.
        return match[0]
    return _ENCODED if mask == _PLAIN and (b"%" in match[0] or b"&#" in match[0]) else mask


def _folded(data: bytes) -> bytes:
    return data.lower().translate(_SEPARATORS)


def _marks(secret: bytes) -> Iterator[bytes]:
    """What base64 of a secret holds once it is unescaped."""
    for core in _base64_cores(secret):
        yield from (core, core.translate(_URLSAFE))


def _folded_marks(secret: bytes) -> Iterator[bytes]:
    """What every other notation holds once it is unescaped and folded."""
    yield _folded(secret)
    if len(secret) >= SHORTEST_MIXED:
        yield secret.hex().encode()


def _forms(secret: str) -> Iterator[tuple[re.Pattern[bytes], bytes]]:
    plain = _notations(secret, _IN_NAMES)
    if not re.search(r"[^0-9.]", secret):
        # A run of digits within a longer number is no secret.
        plain = rf"(?<![0-9.]){plain}(?![0-9.])"
    yield re.compile(plain.encode()), _PLAIN
    if len(secret) >= SHORTEST_MIXED:
        cores = (_notations(core.decode(), _IN_BASE64) for core in _base64_cores(secret.encode()))
        yield re.compile("|".join(cores).encode()), _BASE64
        yield re.compile(secret.encode().hex().encode(), re.IGNORECASE), _HEX


def _base64_cores(secret: bytes) -> Iterator[bytes]:
    """What base64 of any text around the secret holds of it, at each alignment."""
    for before, start in enumerate(_BASE64_STARTS if len(secret) >= SHORTEST_MIXED else ()):
        encoded = base64.b64encode(bytes(before) + secret)
        yield encoded[start : (before + len(secret)) * 8 // 6]


def _notations(text: str, alike: Mapping[str, str]) -> str:
    """A pattern for a text in every notation; `alike`: what passes for a character as well."""
    return "".join(_notation(alike.get(character, character)) for character in text)


def _notation(characters: str) -> str:
    """A pattern for one of some characters as JSON, URLs and HTML write it."""
    plain = _any(re.escape(one) for one in characters)
    if set(characters) & set("\\/\"'"):
        # JSON puts a backslash before these; others may, however deep they are nested.
        plain = rf"\\{{0,{_DEEPEST}}}{plain}"
    percent, zeros = rf"%(?:25){{0,{_DEEPEST}}}", rf"0{{0,{_DEEPEST}}}"
    octets = _any(
        percent.join(_digits(f"{octet:02x}") for octet in one.encode()) for one in characters
    )
    units = _any(_digits(f"{ord(one):04x}") for one in characters)
    decimal = _any(str(ord(one)) for one in characters)
    hexadecimal = _any(_digits(f"{ord(one):x}") for one in characters)
    escaped = rf"{percent}{octets}|(?:\\{{1,{_DEEPEST}}}|{percent})u{units}"
    return f"(?:{plain}|{escaped}|&#{zeros}{decimal};|&#[xX]{zeros}{hexadecimal};)"


def _any(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _digits(text: str) -> str:
    """A pattern for hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in text)
