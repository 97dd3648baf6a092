"""The lines of an invoice, each as its members by name: CSV, JSON lines, or reports of costs.

OpenAI's costs are pages of daily buckets whose results have `amount: {value, currency}`;
Anthropic's are alike, with an `amount` in cents. Members get the names of the CSV exports.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from pricetrail.audit.usage import csv_text
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import SUFFIXES, opened

# Where a line stands, and what it says, by names in lower case.
Line: TypeAlias = tuple[str, dict[str, object]]

_MAX_LINE = 4 * 1024 * 1024
# A page of costs is written as one document; a year of them is a few megabytes.
_MAX_DOCUMENT = 64 * 1024 * 1024
_NOT_YET_TEXT = b"\xef\xbb\xbf \t\r\n"


def lines(path: Path) -> Iterator[Line]:
    """Every line of an invoice that is not blank.

    Raises:
        InvalidInputError: it cannot be read, a line has more cells than the header, or a
            provider's last page says that there are more.
    """
    inner = Path(path.stem) if path.suffix.lower() in SUFFIXES else path
    if inner.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _json_lines(path)
    elif inner.suffix.lower() == ".json" or _begins_as_json(path):
        yield from _document(path)
    else:
        yield from _csv(path)


def _begins_as_json(path: Path) -> bool:
    with opened(path) as stream:
        return stream.read(4096).lstrip(_NOT_YET_TEXT)[:1] in (b"{", b"[")


def _csv(path: Path) -> Iterator[Line]:
    with opened(path) as stream:
        names, rows = csv_text.table(path, stream)
        keys = [_name(name) for name in names]
        for number, cells in rows:
            if any(cell.strip() for cell in cells[len(keys) :]):
                # `2,50` without quotes is two cells: the amount would be what is before the comma.
                problem = f"it has {len(cells)} cells, the header has {len(keys)}"
                raise UsageFileError(f"{path}:{number}: {problem}")
            yield f"{path}:{number}", dict(zip(keys, cells, strict=False))


def _json_lines(path: Path) -> Iterator[Line]:
    more = False
    with opened(path) as stream:
        for number, line in enumerate(csv_text.lines(path, stream, _MAX_LINE), 1):
            if not line.strip():
                continue
            document = _loads(line, f"{path}:{number}")
            if not isinstance(document, dict):
                raise UsageFileError(f"{path}:{number}: no JSON object")
            more = document.get("has_more") is True
            yield from _members(document, f"{path}:{number}")
    _require_last_page(path, more=more)


def _document(path: Path) -> Iterator[Line]:
    with opened(path) as stream:
        text = stream.read(_MAX_DOCUMENT + 1)
    if len(text) > _MAX_DOCUMENT:
        raise UsageFileError(f"{path}: over 64 MiB in one document: write a line for each page")
    try:
        document = loads(text)
    except CatalogError:
        # Lines of JSON that are not named so.
        yield from _json_lines(path)
        return
    pages = document if isinstance(document, list) else [document]
    for number, page in enumerate(pages, 1):
        where = f"{path}: entry {number}" if len(pages) > 1 else str(path)
        if not isinstance(page, dict):
            raise UsageFileError(f"{where}: no JSON object")
        yield from _members(page, where)
    _require_last_page(path, more=bool(pages) and pages[-1].get("has_more") is True)


def _loads(line: str | bytes, where: str) -> object:
    try:
        return loads(line)
    except CatalogError as error:
        raise UsageFileError(f"{where}: {error}") from None


def _require_last_page(path: Path, *, more: bool) -> None:
    if more:
        raise UsageFileError(
            f"{path}: its last page says has_more: an invoice must be whole; add the pages after it"
        )


def _members(document: dict[str, object], where: str) -> Iterator[Line]:
    """The lines of an object: those of its buckets' results, or itself as one."""
    buckets = document.get("data")
    if isinstance(buckets, list):
        for number, bucket in enumerate(buckets, 1):
            if isinstance(bucket, dict):
                yield from _members(bucket, f"{where}: data {number}")
    elif isinstance(results := document.get("results"), list):
        around = {_name(key): value for key, value in document.items() if key != "results"}
        for number, result in enumerate(results, 1):
            if isinstance(result, dict):
                yield f"{where}: result {number}", around | _flat(result)
    else:
        yield where, _flat(document)


def _flat(document: dict[str, object]) -> dict[str, object]:
    """Members by name; those of `amount` as `amount_value` and `amount_currency`."""
    found: dict[str, object] = {}
    for key, value in document.items():
        name = _name(key)
        if isinstance(value, dict):
            found |= {f"{name}_{_name(part)}": one for part, one in value.items()}
        else:
            found[name] = value
    return found


def _name(key: object) -> str:
    return str(key or "").strip().lower().replace(" ", "_").replace("-", "_")
