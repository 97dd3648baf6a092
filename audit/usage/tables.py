"""Rows of a table with a header: CSV."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pricetrail.audit.usage import columns, costs, shapes, unknown
from pricetrail.audit.usage.columns import COST, IGNORED, MODEL, PAID, REMARKS, TIME
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.formats.format import ELSE
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import Row


@dataclass(frozen=True, slots=True)
class Header:
    """Which cells of a line are read: by role, as money, and as proof of what is part of what."""

    width: int
    cells: list[tuple[str, int]]
    money: list[tuple[str, str, int]]
    parts: list[int]


def read(
    reading: Reading, names: Sequence[str], lines: Iterable[tuple[int, list[str]]]
) -> Iterator[Row]:
    """Every row of a table, but for those that are left out.

    Raises:
        UsageFileError: its columns mean nothing, or money has no rate.
    """
    reading.recognise(names)
    header = read_header(reading, names)
    usual = reading.style
    cells_of, money, parts = header.cells, header.money, header.parts
    for line, cells in lines:
        if len(cells) != header.width:
            why = f"it has {len(cells)} cells, the header has {header.width}"
            row = reading.bad_line(line, cells, why)
        else:
            values: dict[str, object] = {role: cells[n] for role, n in cells_of}
            if money:
                paid = [(role, name, cells[n]) for role, name, n in money]
                values[COST] = reading.cost(paid, line)
            style = OPENAI if parts and any(cells[n] for n in parts) else usual
            row = reading.row(line, values, style, cells)
        if row is not None:
            yield row


def read_header(reading: Reading, names: Sequence[str]) -> Header:
    """What the columns of a table hold.

    Raises:
        UsageFileError: they mean nothing.
    """
    where = reading.where()
    twice = [name for name, number in Counter(names).items() if name.strip() and number > 1]
    if twice:
        raise UsageFileError(f"{where}: the column {twice[0]!r} is there twice")
    # A column without a name is nothing, as the index of a data frame.
    found = {name: reading.role(name) if name.strip() else IGNORED for name in names}
    roles = one_each(reading, {name: role for name, role in found.items() if role is not None})
    missing = [role for role in (TIME, MODEL) if role not in roles.values()]
    strange = [name for name, role in found.items() if role is None]
    nothing = reading.form is not None and TIME in roles.values()
    nothing = nothing and columns.ONLY_TIMES.issuperset(roles.values())
    if strange or (missing and not nothing):
        raise unknown.refusal(where, names, strange, missing)
    nested = nothing or (reading.form is not None and reading.form.prepare is not None)
    if not nested and columns.NO_QUANTITIES.issuperset(roles.values()):
        raise UsageFileError(f"{where}: no column is a quantity, such as prompt_tokens")
    for name, role in roles.items():
        if name.strip():
            reading.note(name, role)
    order = [(roles[name], name, n) for n, name in enumerate(names)]
    paid = costs.in_order((role, name, n) for role, name, n in order if role in PAID)
    return Header(
        len(names),
        [(role, n) for role, _, n in order if role and role not in PAID],
        [(role, name, n) for role, name, n in paid if isinstance(n, int)],
        [n for n, name in enumerate(names) if columns.is_part(name)],
    )


def one_each(reading: Reading, roles: dict[str, str]) -> dict[str, str]:
    """The role of each column, where several that say one thing are told apart.

    Raises:
        UsageFileError: two say the same, and neither goes before the other.
    """
    resolved = dict(roles)
    for role in {role.removesuffix(ELSE) for role in roles.values()} - {IGNORED} - PAID:
        mapped = [n for n in roles if roles[n] == role and reading.options.role(n) == role]
        first = mapped or [n for n in roles if roles[n] == role]
        others = [n for n in roles if roles[n] == role + ELSE]
        if len(first) > 1 and role not in REMARKS:
            raise UsageFileError(f"{reading.where()}: {shapes.twice(first[0], first[1])}")
        chosen = min(first or others, key=reading.rank)
        resolved |= dict.fromkeys((*first, *others), IGNORED) | {chosen: role}
    return resolved
