"""Folders of dated JSON files."""

import gzip
from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import rfc3339, utc
from pricetrail.jobs.imports import folders
from pricetrail.jobs.imports.observations import Observation, Unreadable

CATALOG = b'{"object": "list", "data": [], "total": 0}\n'


def folder(**files: bytes) -> Path:
    path = Path("snapshots")
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def read(path: Path) -> list[Observation]:
    found = list(folders.read(folders.dated(path)))
    assert all(isinstance(item, Observation) for item in found), found
    return [item for item in found if isinstance(item, Observation)]


def test_files_come_in_order_of_the_times_in_their_names() -> None:
    path = folder(
        **{
            "2026-11-23T10-00-00Z.json": CATALOG,
            "models_20261123_093000.json": CATALOG,
            "2026-11-22.json": CATALOG,
            "2026/11/2026-11-24.json": CATALOG,
            "README.md": b"not dated, not JSON",
            ".hidden.json": b"",
        }
    )
    assert [rfc3339(item.observed_at) for item in read(path)] == [
        "2026-11-22T00:00:00Z",
        "2026-11-23T09:30:00Z",
        "2026-11-23T10:00:00Z",
        "2026-11-24T00:00:00Z",
    ]


def test_a_catalog_stays_byte_for_byte_what_it_was() -> None:
    path = folder(**{"2026-11-23.json": b"\xef\xbb\xbf" + CATALOG})
    assert read(path)[0].body == b"\xef\xbb\xbf" + CATALOG


def test_an_envelope_is_taken_off_and_its_own_time_goes_first() -> None:
    inner = b'{"data":[],"object":"list","total":0}'
    path = folder(
        **{
            "2026-11-23.json": b'{"payload": ' + inner + b"}",
            "2026-11-24.json": b'{"observed_at":"2026-11-24T08:00:00+01:00","payload":'
            + inner
            + b"}",
        }
    )
    assert [(item.observed_at, item.body) for item in read(path)] == [
        (utc("2026-11-23"), inner),
        (utc("2026-11-24T07:00:00Z"), inner),
    ]


def test_a_catalog_that_mentions_a_payload_is_no_envelope() -> None:
    catalog = b'{"object":"list","data":[{"id":"a","payload":1}],"payload":{},"total":1}'
    assert read(folder(**{"2026-11-23.json": catalog}))[0].body == catalog


def test_compressed_documents_are_read() -> None:
    path = folder(**{"2026-11-23.json.gz": gzip.compress(CATALOG)})
    assert read(path)[0].body == CATALOG


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"payload":3}', b'{"payload":'])
def test_a_file_that_is_no_document_is_named(content: bytes) -> None:
    (item,) = folders.read(folders.dated(folder(**{"2026-11-23.json": content})))
    assert isinstance(item, Unreadable)
    assert item.origin == "snapshots/2026-11-23.json"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"latest.json": CATALOG}, "latest.json has no date in its name"),
        ({"2026-11-23_2026-11-24.json": CATALOG}, "or more than one"),
        (
            {"2026-11-23T10-00_PM.json": CATALOG},
            "snapshots/2026-11-23T10-00_PM.json says something",
        ),
        ({"2026-11-23.json": CATALOG, "20261123.json": CATALOG}, "are of the same time"),
        ({"readme.txt": b""}, "holds no .json files"),
    ],
)
def test_a_folder_without_one_time_per_file_is_refused(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        folders.dated(folder(**files))
