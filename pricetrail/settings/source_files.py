"""Files of many sources: TOML with tables `[sources.NAME]`, or CSV with one source a row."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pricetrail.settings import files
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCE, SOURCES
from pricetrail.settings.lines import key_lines, located
from pricetrail.settings.problems import Problem, near
from pricetrail.settings.tables import tables_of
from pricetrail.settings.where import Where

if TYPE_CHECKING:
    from _csv import Reader

_NAME, _LABEL = "name", "labels."
_SEPARATORS = ",;\t"
_HEADER = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """One source of a file: where it stands there, and its table."""

    where: Where
    table: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What a file lists, and what is wrong with it as a file; `text` is that of a TOML file."""

    sources: tuple[Listed, ...]
    problems: tuple[Problem, ...]
    text: str = field(default="", repr=False)

    def located(self, problems: list[Problem]) -> list[Problem]:
        """Problems with the lines on which they are."""
        if not self.text or not problems:
            return problems
        lines = key_lines(self.text)
        return [located(problem, lines) for problem in problems]


def read(path: Path, folder: Path) -> SourceFile:
    """Read a file; one whose name ends in `.csv` or `.tsv` is a table, any other is TOML.

    Args:
        folder: the configuration's, from which the paths of `file:PATH` are taken.

    Raises:
        SettingsError: it cannot be read at all.
    """
    text = files.read_text(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        return _from_table(path, text.removeprefix("\ufeff"), folder)
    return _from_toml(path, text, folder)


def _from_toml(path: Path, text: str, folder: Path) -> SourceFile:
    raw = Raw(str(path), files.parsed(path, text), folder, from_file=True)
    problems = [
        Problem(raw.origin, key, f"unknown key{near(key, [SOURCES])}")
        for key in raw.tables
        if key != SOURCES
    ]
    tables = raw.tables.get(SOURCES, {})
    if not isinstance(tables, dict) or not tables:
        problems.append(Problem(raw.origin, SOURCES, f"write tables [{SOURCES}.NAME]"))
        tables = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            words = f"write a table [{SOURCES}.{name}]"
            problems.append(Where(raw, SOURCES, name).problem("", words))
    listed = (Listed(Where(raw, SOURCES, name), table) for name, table in tables_of(raw, SOURCES))
    return SourceFile(tuple(listed), tuple(problems), text)


def _from_table(path: Path, text: str, folder: Path) -> SourceFile:
    raw = Raw(str(path), {}, folder, from_file=True)
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        problems = list(_of_header(raw, header))
        if problems:
            return SourceFile((), tuple(problems))
        listed = list(_listed(raw, header, rows, problems))
    except csv.Error as error:
        words = f"is no CSV: {error}"
        raise SettingsError(Problem(f"{path}:{rows.line_num}", "", words)) from None
    if not listed and not problems:
        problems.append(Problem(raw.origin, "", "lists no source: write one a row"))
    return SourceFile(tuple(listed), tuple(problems))


def _of_header(raw: Raw, header: list[str]) -> Iterator[Problem]:
    origin = f"{raw.origin}:{_HEADER}"
    if _NAME not in header:
        words = "has no column `name`: the first line names the columns, such as name,url,api_key"
        yield Problem(origin, "", words)
        # It may be no header at all, but a source, with its key: nothing of it is repeated.
        return
    for index, name in enumerate(header):
        if name in header[:index]:
            yield Problem(origin, name, "is there twice: leave one column out")
        elif name == "labels" or not (name == _NAME or name in SOURCE or _is_label(name)):
            hint = "; write a column for each, such as labels.team" if name == "labels" else ""
            known = [_NAME, *(key for key in SOURCE if key != "labels"), "labels.team"]
            yield Problem(origin, name, f"unknown column{hint or near(name, known)}")


def _is_label(name: str) -> bool:
    return name.startswith(_LABEL) and name != _LABEL


def _listed(
    raw: Raw, header: list[str], rows: "Reader", problems: list[Problem]
) -> Iterator[Listed]:
    """The sources of the rows; what is wrong with a row is added to the problems."""
    seen: dict[str, int] = {}
    line = rows.line_num + 1
    for row in rows:
        where, line = Where(raw, SOURCES, "", f"{raw.origin}:{line}"), rows.line_num + 1
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            problems.append(where.problem("", "has more cells than there are columns"))
            continue
        cells = {key: cell for key, cell in zip(header, row, strict=False) if cell.strip()}
        name = cells.pop(_NAME, "").strip()
        if not name:
            problems.append(where.problem(_NAME, "is missing"))
            continue
        if name in seen:
            problems.append(where.problem(_NAME, f"is on line {seen[name]} already"))
            continue
        seen[name] = int(where.origin.rpartition(":")[2])
        yield Listed(Where(raw, SOURCES, name, where.origin), table_of(cells))


def table_of(cells: Mapping[str, str]) -> dict[str, object]:
    """A table of texts: `labels.team` is a label, `["/a", "/b"]` a list."""
    labels = {
        key.removeprefix(_LABEL): cell.strip()
        for key, cell in cells.items()
        if key.startswith(_LABEL)
    }
    table = {key: _value(cell.strip()) for key, cell in cells.items() if not key.startswith(_LABEL)}
    return table | ({"labels": labels} if labels else {})


def _value(cell: str) -> object:
    if not cell.startswith("["):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell
