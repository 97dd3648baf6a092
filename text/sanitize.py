"""Text from outside made harmless to look at, whatever then shows it (fault 35).

Model ids, paths, values and error texts come from a gateway. Here they lose what no channel
should ever see (control characters, ANSI, line breaks, bidi controls, invisible characters);
each channel then escapes what its own markup would read.
"""

import unicodedata

REPLACEMENT = "\ufffd"
_LIMIT = 120
# Letters and marks that show as nothing: fillers that pass for an empty name.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BAD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def sanitize(value: object, limit: int = _LIMIT) -> str:
    """One visible line of at most `limit` characters; a long one keeps its beginning and end."""
    raw = str(value).strip(" ")
    if len(raw) > 4 * limit:
        # Megabytes are not looked at, one by one, for a line's beginning and end.
        raw = raw[: 2 * limit] + raw[-2 * limit :]
    # Most are plain, and need not be looked at letter by letter.
    plain = raw.isascii() and raw.isprintable()
    text = (raw if plain else "".join(map(_visible, raw))).strip()
    if len(text) > limit:
        tail = limit // 4
        text = f"{text[: limit - tail - 1]}…{text[-tail:]}"
    return text or "(empty)"


def _visible(character: str) -> str:
    if hidden(character):
        return REPLACEMENT
    return character if character.isascii() or not character.isspace() else " "


def hidden(character: str) -> bool:
    """Whether a character shows as nothing, or makes others show as what they are not."""
    if character.isascii():
        return not character.isprintable()
    selector = 0xFE00 <= ord(character) <= 0xFE0F
    return selector or character in _INVISIBLE or unicodedata.category(character) in _BAD


def length(text: str) -> int:
    """Length in UTF-16 units: the strictest of the ways in which channels count characters."""
    return len(text.encode("utf-16-le")) // 2
