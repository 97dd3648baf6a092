"""An answer as an agent may read it: exact numbers, nothing hidden, no text without an end.

Whatever a gateway serves is in an answer: names, and documents with fields that nobody foresaw. An
agent is to take all of it for data.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pricetrail.text.escapes import escape

# Above any id (512 bytes), path, amount and reason; what is longer is somebody's prose.
LONGEST = 1000
# Beyond it, a reader that knows numbers as doubles only would change the last digits.
_EXACT = 2**53


def as_data(value: object) -> object:
    """A JSON value with hidden characters spelled out, long texts cut and every number exact.

    A number that a double cannot hold, which is any with a point, becomes its decimal text.
    """
    if isinstance(value, str):
        return escape(_cut(value))
    if isinstance(value, Mapping):
        return {escape(str(name)): as_data(member) for name, member in value.items()}
    if isinstance(value, Sequence | Iterator):
        return [as_data(member) for member in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}…[{len(text) - 2 * half} characters left out]…{text[-half:]}"
