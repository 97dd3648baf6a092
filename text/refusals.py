"""Why a value is refused, in our words: what the checks of types find, each with its remedy."""

from collections.abc import Callable, Mapping
from typing import Any

_Context = Mapping[str, Any]

NO_TEXT = 'not text: write it in quotes, as "a"'
NO_NUMBER = "not a whole number: write one such as 20"
NO_LIST = 'not a list: write one such as ["a", "b"]'
NO_TABLE = 'not a table of names and values: write one such as { name = "value" }'
NEITHER = "neither true nor false: write one of them"

_WORDS: Mapping[str, Callable[[_Context], str]] = {
    "missing": lambda _: "missing: it is required",
    "string_type": lambda _: NO_TEXT,
    "string_unicode": lambda _: "not text: it holds half a character; write it in UTF-8",
    "string_too_short": lambda _: "empty: write something",
    "string_too_long": lambda context: (
        f"too long: write at most {context['max_length']:,} characters"
    ),
    "string_pattern_mismatch": lambda _: "not in the required form: see /api/docs",
    "int_type": lambda _: NO_NUMBER,
    "int_parsing": lambda _: NO_NUMBER,
    "int_parsing_size": lambda _: "too large a number: write a smaller one",
    "int_from_float": lambda _: NO_NUMBER,
    "finite_number": lambda _: NO_NUMBER,
    "bool_type": lambda _: NEITHER,
    "bool_parsing": lambda _: NEITHER,
    "list_type": lambda _: NO_LIST,
    "tuple_type": lambda _: NO_LIST,
    "dict_type": lambda _: NO_TABLE,
    "literal_error": lambda context: f"must be one of {_listed(context['expected'])}",
    "greater_than": lambda context: f"too small: write a number above {context['gt']}",
    "greater_than_equal": lambda context: f"too small: write {context['ge']} or more",
    "less_than": lambda context: f"too large: write a number below {context['lt']}",
    "less_than_equal": lambda context: f"too large: write {context['le']} or less",
}
KINDS = frozenset(_WORDS)
_OTHER = "not a value that can be used here"


def refusal(error: Mapping[str, Any]) -> str:
    """What pydantic says of one value, as a short phrase that a key stands before.

    Args:
        error: one of its `errors()`, with what it was checked against (`ctx`).
    """
    kind = error["type"]
    if kind == "value_error":
        # Ours already.
        return str(error["msg"]).removeprefix("Value error, ")
    words = _WORDS.get(kind)
    return _OTHER if words is None else words(error.get("ctx", {}))


def _listed(expected: str) -> str:
    """`'a', 'b' or 'c'` as names are listed everywhere: `a, b, c`."""
    return expected.replace(" or ", ", ").replace("'", "")
