"""Secrets taken out of what others say: a key that is repeated to us goes no further.

Whoever is given a secret may repeat it: as it is, escaped for JSON or HTML, percent-encoded, in
hex, or inside base64 at any of its three alignments; also one notation inside another.
"""

import base64
import re
from collections.abc import Iterable, Iterator

MASK = "***"
# A shorter secret is in any text by chance: taking it out would change names and prices. What has
# letters and digits is no word, and told apart from six characters on (`sk-1234`).
SHORTEST, SHORTEST_MIXED = 8, 6
_MIXED = re.compile(rf"(?=.*[A-Za-z])(?=.*[0-9]).{{{SHORTEST_MIXED},}}", re.DOTALL)
# Where base64 of so many bytes and then a secret begins to tell the secret.
_BASE64_STARTS = (0, 2, 3)
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_ESCAPES = (b"\\", b"%", b"&#")
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
        self._forms = [form for one in wanted for form in _forms(one)]

    def bytes(self, data: bytes) -> bytes:
        """The bytes without the secrets; JSON strings stay JSON strings."""
        if any(mark in data for mark in (*self._marks, *_ESCAPES)):
            for pattern, mask in self._forms:
                data = pattern.sub(lambda match, mask=mask: _masked(match, mask), data)  # type: ignore[misc]  # mypy cannot infer a bound default
        return data

    def text(self, text: str) -> str:
        """The text without the secrets."""
        return self.bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _masked(match: re.Match[bytes], mask: bytes) -> bytes:
    before = match.string[max(0, match.start() - 100) : match.start()]
    if match[0][:1] in b"bfnrtu" and (len(before) - len(before.rstrip(b"\\"))) % 2:
        # Its first letter belongs to an escape such as `\n`, so it is not the secret.
        return match[0]
    return _ENCODED if mask == _PLAIN and (b"%" in match[0] or b"&#" in match[0]) else mask


def _marks(secret: bytes) -> Iterator[bytes]:
    """What every notation without escapes holds: a quick look before the thorough one."""
    yield secret
    if len(secret) < SHORTEST_MIXED:
        return
    for core in _base64_cores(secret):
        yield from (core, core.translate(_URLSAFE))
    yield from (secret.hex().encode(), secret.hex().upper().encode())


def _forms(secret: str) -> Iterator[tuple[re.Pattern[bytes], bytes]]:
    plain = "".join(map(_notations, secret))
    if not re.search(r"[^0-9.]", secret):
        # A run of digits within a longer number is no secret.
        plain = rf"(?<![0-9.]){plain}(?![0-9.])"
    yield re.compile(plain.encode()), _PLAIN
    if len(secret) < SHORTEST_MIXED:
        return
    cores = ("".join(map(_notations, core.decode())) for core in _base64_cores(secret.encode()))
    yield re.compile("|".join(cores).encode()), _BASE64
    yield re.compile(secret.encode().hex().encode(), re.IGNORECASE), _HEX


def _base64_cores(secret: bytes) -> Iterator[bytes]:
    """What base64 of any text around the secret holds of it, at each alignment."""
    for before, start in enumerate(_BASE64_STARTS):
        encoded = base64.b64encode(bytes(before) + secret)
        yield encoded[start : (before + len(secret)) * 8 // 6]


def _notations(character: str) -> str:
    """A pattern for a character as JSON, URLs, HTML and both alphabets of base64 write it."""
    return "(?:" + "|".join(map(_notation, {"+": "+-", "/": "/_"}.get(character, character))) + ")"


def _notation(character: str) -> str:
    code = ord(character)
    # JSON puts a backslash before these; others may, however deep they are nested.
    plain = {"\\": r"\\+"}.get(character, re.escape(character))
    plain = rf"\\*{plain}" if character in "/\"'" else plain
    percent = "".join(rf"%(?:25)*{_digits(f'{byte:02x}')}" for byte in character.encode())
    unicode = rf"(?:\\+|%(?:25)*)u{_digits(f'{code:04x}')}"
    html = rf"&#0*{code};|&#[xX]0*{_digits(f'{code:x}')};"
    return f"{plain}|{percent}|{unicode}|{html}"


def _digits(text: str) -> str:
    """A pattern for hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in text)
