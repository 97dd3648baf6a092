"""What is wrong with a TOML file's text, in our words, with the line and the column."""

import re
from tomllib import TOMLDecodeError

# `(at line 3, column 7)` or `(at end of document)`, with which each message of tomllib ends.
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_TWICE = "a table that is there twice: put its keys into one"
_INLINE = "a key that is added to an inline table or a list: write it inside its { } or [ ]"
_ENDLESS = "text without the quotes at its end: close them"
_CONTROL = "a control character: remove it"
_BARE = "letters, digits, - and _, others stand in quotes"
_VALUE = "text stands in quotes, lists in [ ], true and false are written small"
_BACKSLASH = "write two of them, or put the text between single quotes"
# By the beginnings of tomllib's messages.
_WORDS = {
    "Cannot declare ": _TWICE,
    "Cannot redefine namespace ": _TWICE,
    "Cannot mutate immutable namespace ": _INLINE,
    "Cannot overwrite a value": "a key that is there twice: remove one of them",
    "Duplicate inline table key ": "a key that is there twice within { }: remove one of them",
    "Expected ']]'": "a header [[…]] that does not end: close it with ]]",
    "Expected ']'": "a header […] that does not end: close it with ]",
    "Expected '='": 'no = after a key: write key = "value"',
    "Expected newline or end": "something after a value: begin a new line, or close its quotes",
    "Expected ": _ENDLESS,
    "Unclosed array": "a list that does not end: commas stand between its members, and ] ends it",
    "Unclosed inline table": "a table { … } that does not end: it is one line, with commas within",
    "Unterminated string": _ENDLESS,
    "Unescaped '\\'": f"a backslash that begins no escape: {_BACKSLASH}",
    "Invalid hex value": f"a backslash and u or U without their hex digits: {_BACKSLASH}",
    "Escaped character is not": "an escape \\u or \\U that stands for no character: remove it",
    "Illegal character '\\n'": _ENDLESS,
    "Illegal character ": _CONTROL,
    "Found invalid character ": _CONTROL,
    "Invalid date or datetime": "a date or time that does not exist: correct it",
    "Invalid initial character for a key part": f"no key where one belongs: a key is {_BARE}",
    "Invalid statement": f"neither a key nor a [table]: a key is {_BARE}; # begins a comment",
    "Invalid value": f"a value that cannot be read: {_VALUE}",
}
_OTHER = "something that TOML does not know"


def place_of(error: TOMLDecodeError, text: str) -> tuple[int, int]:
    """The line and the column, from 1; the end of the text where that came too soon."""
    match = _PLACE.fullmatch(str(error))
    if match is None or match[2] is None:
        lines = text.rstrip("\n").split("\n")
        return len(lines), len(lines[-1]) + 1
    return int(match[2]), int(match[3])


def in_our_words(error: TOMLDecodeError) -> str:
    """What is wrong there, and the remedy; nothing of the file's text is repeated."""
    match = _PLACE.fullmatch(str(error))
    message = match[1] if match else str(error)
    words = next((words for start, words in _WORDS.items() if message.startswith(start)), _OTHER)
    return f"not TOML: {words}"
