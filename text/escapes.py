"""Text from outside for a reader that is a program: nothing in it is hidden, and nothing is lost.

An agent reads what a gateway calls its models. A character that shows as nothing, or turns the
others around, could tell it what no person sees; so each is spelled out, as `\\u{202e}`. It is the
same name still: `unescape` gives it back.
"""

import re

from pricetrail.text.sanitize import hidden

_ESCAPE = re.compile(r"\\u\{([0-9a-f]{1,6})\}", re.ASCII)


def escape(text: str) -> str:
    """The same text with every hidden character as `\\u{…}`, its number in hexadecimal."""
    if text.isascii() and text.isprintable() and "\\u{" not in text:
        return text
    # What looks like an escape already must come back as it is.
    spelled = text.replace("\\u{", "\\u{5c}u{")
    return "".join(f"\\u{{{ord(one):x}}}" if hidden(one) else one for one in spelled)


def unescape(text: str) -> str:
    """The text that `escape` was given; any other stays as it is."""
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    # Half of a pair is no character, and no text of ours has one.
    return chr(number) if number < 0xD800 or 0xDFFF < number <= 0x10FFFF else found[0]
