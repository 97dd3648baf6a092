"""Rows of objects: JSON lines, elements of JSON documents, and rows of Parquet."""

from collections.abc import Iterator, Mapping

from pricetrail.audit.usage import columns, costs, rows, shapes, unknown
from pricetrail.audit.usage.columns import COST, IGNORED, NO_QUANTITIES, PAID, REMARKS
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.formats.format import ELSE
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row

_Member = tuple[str, str, object]


class Objects:
    """The rows of a file's objects; the first of them tells which format it is of."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._roles: dict[str, str | None] = {}
        self._begun = False

    def rows(self, line: int, document: object) -> Iterator[Row]:
        """The rows that an object holds, but for those that are left out.

        Raises:
            UsageFileError: its members mean nothing, or money has no rate.
        """
        if not isinstance(document, dict):
            yield BadRow(line, None, None, "the line is no JSON object")
            return
        for each in self.unfolded(document):
            yield from self.row(line, each)

    def unfolded(self, document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
        """What an object holds, an object for each row."""
        if not self._begun:
            self._begun = True
            self._reading.recognise(document)
            answer = self._reading.form is None and shapes.is_answer(dict(document))
            self._reading.is_answers = answer
        form = self._reading.form
        if form is None or form.unfold is None:
            yield document
        else:
            yield from form.unfold(document)

    def row(self, line: int, document: Mapping[str, object]) -> Iterator[Row]:
        """The row that an unfolded object is; none where it is left out.

        Raises:
            UsageFileError: its members mean nothing, or money has no rate.
        """
        row = self._row(line, document)
        if row is not None:
            yield row

    def _row(self, line: int, document: Mapping[str, object]) -> Row | None:
        reading = self._reading
        members = self._members(line, dict(document))
        cells: dict[str, object] = {}
        names: dict[str, str] = {}
        for role, name, value in members:
            if not role or role in PAID or (value is None and role in cells):
                continue
            before = cells.get(role)
            if before is not None and role in REMARKS:
                if reading.rank(name) > reading.rank(names[role]) or value == "":
                    continue
            elif before is not None and self._is_mapped(names[role], role):
                continue
            elif before not in (None, value) and not self._is_mapped(name, role):
                why = shapes.twice(names[role], name)
                if role in NO_QUANTITIES:
                    raise UsageFileError(f"{reading.where(line)}: {why}")
                return rows.bad(line, cells, why)
            cells[role], names[role] = value, name
        _take_others(cells)
        money = [member for member in members if member[0] in PAID]
        upstream = shapes.upstream_cost(document)
        if upstream is not None:
            money.append((columns.MORE_COST, "upstream_inference_cost", upstream))
        paid = costs.in_order(money)
        if paid:
            cells[COST] = reading.cost(paid, line)
        style = self._style([(name, value) for role, name, value in members if role])
        return reading.row(line, cells, style, document.values())

    def _members(self, line: int, document: dict[str, object]) -> list[_Member]:
        """Each member with its role."""
        answer = self._reading.form is None and shapes.is_answer(document)
        found = list(shapes.flat(document, inside=self._reading.options.inside))
        strange = []
        members: list[_Member] = []
        for name, value in found:
            role = self._role(name)
            if answer and (role is None or not _may_count(role, name, value)):
                strange += [name] if role is None and shapes.is_quantity(name, value) else []
                role = IGNORED
            elif role is None:
                strange.append(name)
            if answer and name == "id":
                role = columns.REQUEST_ID
            self._reading.note(name, role or IGNORED)
            members.append((role or IGNORED, name, value))
        if strange:
            raise unknown.refusal(self._reading.where(line), [n for n, _ in found], strange)
        return members

    def _role(self, name: str) -> str | None:
        if name not in self._roles:
            self._roles[name] = self._reading.role(name)
        return self._roles[name]

    def _is_mapped(self, name: str, role: str) -> bool:
        return self._reading.options.role(name) == role

    def _style(self, members: list[tuple[str, object]]) -> str:
        usual = self._reading.style
        if self._reading.form is None:
            return shapes.style(members, usual)
        parts = any(columns.is_part(name) for name, value in members if value is not None)
        return OPENAI if parts else usual


def _may_count(role: str, name: str, value: object) -> bool:
    """Whether a member of an answer may hold its role: a quantity's must be a number."""
    return role in NO_QUANTITIES - {columns.AUDIO} or shapes.can_count(name, value)


def _take_others(cells: dict[str, object]) -> None:
    """Put what stands in for a role into its place, where nothing else does."""
    for role in [role for role in cells if role.endswith(ELSE)]:
        value, wanted = cells.pop(role), role.removesuffix(ELSE)
        if cells.get(wanted) in (None, ""):
            cells[wanted] = value
