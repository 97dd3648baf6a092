"""Text in the cells of a terminal: how wide it is, and folded between words."""

import re

# A word that is longer may be broken: nobody copies it by eye. Hashes and most addresses are less.
_LONGEST_WORD = 80
# Blanks that are not within a time, and neither behind an arrow or a mark nor before a unit.
_BETWEEN_WORDS = re.compile(r"(?<![→▲▼•]) (?!(?<=\d{4}-\d\d-\d\d )\d\d:|/1M|%)", re.ASCII)

# One cell each, as is known without a table of all there is: Latin, dashes, arrows and our marks.
_NARROW = re.compile("[ -~¡-¬®-ʯ–—‘’“”…•→−▲▼]*")


def cells_of(text: str) -> int:
    """The cells that a text takes on a terminal: letters of East Asia are two wide."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - most names are plain, and a start is short

    return cell_len(text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """A text with blanks up to a width; behind it, or before it where it stands to the right."""
    blanks = " " * (width - cells_of(text))
    return blanks + text if right else text + blanks


def longest_word(text: str) -> int:
    """The cells of the longest word that is kept whole."""
    return max(
        (min(cells_of(word), _LONGEST_WORD) for word in _BETWEEN_WORDS.split(text)), default=0
    )


def fold(text: str, width: int | None) -> list[str]:
    """A text in lines of a width, broken at blanks; each begins with the text's own indent.

    A word that is longer than the width stays whole, unless it is longer than a hash.
    """
    if width is None or cells_of(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines, current = [], ""
    for word in _words(text[len(indent) :], width - len(indent)):
        joined = f"{current} {word}" if current else word
        if current and cells_of(indent + joined) > width:
            lines.append(indent + current.rstrip())
            joined = word
        current = joined
    return [*lines, indent + current.rstrip()]


def _words(text: str, width: int) -> list[str]:
    """The words between single blanks; what is too long for any line is cut."""
    words = []
    for word in _BETWEEN_WORDS.split(text):
        if cells_of(word) > max(width, _LONGEST_WORD):
            words += [word[start : start + width] for start in range(0, len(word), width)]
        else:
            words.append(word)
    return words
