"""What reads bytes from outside; the first byte of an input chooses between its ways of reading."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.catalog import catalogs, evidence
from pricetrail.catalog.dialects.registry import NAMES
from pricetrail.catalog.errors import CatalogError, PricetrailError
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import loads
from pricetrail.settings import files, loading, source_files
from pricetrail.settings.files import Raw

Target = Callable[[bytes], None]


def read_catalog(data: bytes) -> None:
    """A model list as PipeLLM writes it, and all of its prices; the same read again is the same."""
    catalog = catalogs.read(data)
    for name in catalog.ids:
        prices_of(catalog.document(name))
    assert catalogs.read(data, before=catalog).leaves == catalog.leaves


def read_dialect(data: bytes) -> None:
    """A model list of any gateway."""
    name = _chosen(NAMES, data)
    Reader(name).read(data[1:])


_SUFFIXES = (".csv", ".jsonl", ".json", ".parquet", "", ".csv.gz", ".jsonl.zst", ".csv.xz")


def read_usage(data: bytes) -> None:
    """A file of usage, by its name and by how it begins."""
    path = Path("usage").with_suffix("") if not data else Path(f"usage{_chosen(_SUFFIXES, data)}")
    path.write_bytes(data[1:])
    try:
        for _ in UsageTable(path, ReadingOptions()).read():
            pass
    finally:
        path.unlink()


_HEAD = SavedHead(2, bytes(32))


def check_evidence(data: bytes) -> None:
    """A bundle of evidence, with a head that was saved and without: never proven by it."""
    try:
        bundle = loads(data)
    except CatalogError:
        return
    evidence.check(bundle)
    assert evidence.check(bundle, _HEAD).problems


def read_settings(data: bytes) -> None:
    """A configuration, and a list of sources."""
    kind = _chosen((".toml", ".sources.toml", ".csv"), data)
    path = Path(f"pricetrail{kind}")
    path.write_bytes(data[1:])
    try:
        if kind == ".toml":
            text = files.read_text(path)
            raw = Raw(str(path), files.parsed(path, text), Path(), from_file=True)
            settings = loading.read(raw, {})
            assert all(str(one) for one in settings.problems)
        else:
            found = source_files.read(path, Path())
            assert all(str(one) for one in found.located(list(found.problems)))
    finally:
        path.unlink()


def _chosen(ways: Sequence[str], data: bytes) -> str:
    return ways[data[0] % len(ways)] if data else ways[0]


TARGETS: dict[str, Target] = {
    "catalog": read_catalog,
    "dialect": read_dialect,
    "usage": read_usage,
    "evidence": check_evidence,
    "settings": read_settings,
}


def tried(name: str, data: bytes) -> None:
    """Give a target an input; an error of ours is an answer, in one line that can be printed."""
    try:
        TARGETS[name](data)
    except PricetrailError as error:
        said = str(error)
        assert said
        said.encode()
