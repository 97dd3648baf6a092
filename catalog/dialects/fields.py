"""What the fields of native entries have in common: ids, times, counts, prices without a place."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import count

from pricetrail.catalog import conditions
from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, BATCH, Condition
from pricetrail.catalog.dialects.members import whole_number
from pricetrail.catalog.dialects.readings import (
    NOT_UNDERSTOOD,
    Entry,
    ModelReader,
    Reading,
    Remark,
)
from pricetrail.catalog.pointers import join
from pricetrail.catalog.times import TimeError, moment

Native = Mapping[str, object]

_PRICED = ("cost", "price", "pricing", "fee", "usd", "multiplier", "discount", "surcharge")
_MOST_LEVELS, _MOST_NAME, _MOST_AMOUNT = 8, 80, 40
_THOUSAND, _BINARY_THOUSAND = 1000, 1024


def gathered(read: Iterable[tuple[Entry, ModelReader]]) -> Reading:
    """Each entry as it was read, and all that was noted on the way."""
    entries: list[Entry] = []
    remarks: list[Remark] = []
    for entry, reader in read:
        entries.append(entry)
        remarks += reader.remarks
    return Reading(entries, remarks)


def members(value: object) -> Native:
    """An object's members; none where it is no object."""
    return value if isinstance(value, dict) else {}


def size(value: object) -> int:
    """How many values there are in a value, itself among them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(size, inner))


def tokens(value: object) -> int | None:
    """How many tokens a model takes; None where the list does not say (0 says nothing)."""
    number = whole_number(value)
    return number if number is not None and number > 0 else None


def text(value: object) -> str | None:
    """A text that says something; else None."""
    return value if isinstance(value, str) and value else None


def day(reader: ModelReader, field: str, value: object) -> str | None:
    """A day or time as it is written; what is none is told and left out."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            moment(value)
            return value
    except TimeError:
        pass
    reader.remark(NOT_UNDERSTOOD, field, f"{str(value)[:80]!r} is no time")
    return None


def service(name: str) -> Condition | None:
    """The condition of a service tier; None where the name cannot be one in a price's path."""
    asked = Condition(BATCH if name == "batches" else name)
    return asked if conditions.read((*asked.segments, "x")) == (asked, ("x",)) else None


def threshold(first: int) -> int:
    """The length that a prompt passes which has at least so many tokens.

    Lists that name the first token of a band write `200001`, and as often `200000` for the same
    limit of the same provider: both are "above 200,000".
    """
    limit = first - 1
    is_round = limit % _THOUSAND == 0 or limit % _BINARY_THOUSAND == 0
    return limit if is_round else first


def is_priced(name: str) -> bool:
    """Whether a field's name says that a price is in it."""
    lowered = name.lower()
    return any(word in lowered for word in _PRICED)


def keep_native(
    reader: ModelReader,
    names: tuple[str, ...],
    field: str,
    value: object,
    *,
    condition: Condition = ALWAYS,
) -> None:
    """Keep the amounts of a field that has no place in the schema below `native`, by its names.

    Members keep theirs. The entries of a list are named for what they say beside their prices
    (`720p_audio`), so that another order is no change.
    """
    if len(names) > _MOST_LEVELS:
        reader.remark(NOT_UNDERSTOOD, field, "nested too deeply")
    elif isinstance(value, dict):
        for key, member in value.items():
            keep_native(reader, (*names, key), join(field, key), member, condition=condition)
    elif isinstance(value, list):
        for index, (name, member) in enumerate(_named(value)):
            where = f"{field}/{index}"
            keep_native(reader, (*names, name), where, member, condition=condition)
    elif isinstance(value, str) and parse_amount(value) is None:
        # A note beside prices is none.
        if len(names) == 1 or is_priced(names[-1]):
            _keep_text(reader, names, field, value, condition)
    elif isinstance(value, int | Decimal | str) and not isinstance(value, bool):
        reader.tree(("native", *names), field, value, condition=condition)


def _keep_text(
    reader: ModelReader, names: tuple[str, ...], field: str, value: str, condition: Condition
) -> None:
    """Keep what stands for an amount (`-1`, `$3`) where one should be; words are left out."""
    if len(value) <= _MOST_AMOUNT and any(letter.isdigit() for letter in value):
        reader.tree(("native", *names), field, value, condition=condition)
    else:
        reader.remark(NOT_UNDERSTOOD, field, "a text and no amount")


def _named(entries: list[object]) -> Iterator[tuple[str, object]]:
    """Each entry by what it says of itself, or by its place; and its prices."""
    used: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    for index, entry in enumerate(entries):
        said, prices = _split(entry)
        name = said or str(index)
        if name in used:
            left = numbers.setdefault(name, count(2))
            name = next(f"{name}_{n}" for n in left if f"{name}_{n}" not in used)
        used.add(name)
        yield name, prices


def _split(entry: object) -> tuple[str, object]:
    if not isinstance(entry, dict):
        return "", entry
    prices = {key: member for key, member in entry.items() if _has_price(key, member)}
    if not prices:
        return "", entry
    said = [_said(key, entry[key]) for key in sorted(entry.keys() - prices.keys())]
    return "_".join(filter(None, said))[:_MOST_NAME], prices


def _has_price(name: str, value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_price(key, member) for key, member in value.items())
    return is_priced(name) and not isinstance(value, bool)


def _said(key: str, value: object) -> str:
    if isinstance(value, bool):
        return key if value else f"no_{key}"
    if isinstance(value, list):
        return "_".join([key, *(str(member) for member in value if not isinstance(member, dict))])
    if isinstance(value, str):
        return value
    return f"{key}_{value}" if isinstance(value, int | Decimal) else ""
