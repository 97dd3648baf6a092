"""Values in files: read again when they changed, and kept where they cannot be used any more."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.in_force import Configured
from pricetrail.settings import references, rereading
from pricetrail.settings.loading import load
from pricetrail.settings.rereading import configured

ENVIRON: Mapping[str, str] = {"SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
OLD = "https://receiver.example/old"
CONFIG = """
[sources.s]
api_key = "file:key"
labels = { team = "search" }
[sources.plain]
api_key = "k"

[webhooks.w]
url = "file:mounted/url"
secrets = ["env:SECRET", "file:secret"]
[webhooks.plain]
url = "https://receiver.example/"
"""


@pytest.fixture(autouse=True)
def _files(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "pricetrail.service")
    mount("a", OLD)
    Path("key").write_text("key-1\n")
    Path("secret").write_text(f"{ENVIRON['SECRET']}\n")


def mount(version: str, url: str) -> None:
    """As Kubernetes exchanges a secret: by a link to a folder, renamed into its place."""
    folder = Path(f"data-{version}")
    folder.mkdir()
    (folder / "url").write_text(url)
    Path("new").symlink_to(folder)
    Path("new").rename("mounted")


def loaded(text: str = CONFIG) -> Configured:
    Path("pricetrail.toml").write_text(text)
    return configured(load(None, ENVIRON), ENVIRON)


def webhook(found: Configured, name: str = "w") -> Webhook:
    made = found.find_webhook(name)
    assert made is not None
    return made


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, dict[str, Any]]]:
    """What was logged since it was asked last."""
    entries = [(it.levelname, it.getMessage(), vars(it)["fields"]) for it in caplog.records]
    caplog.clear()
    return entries


def test_a_webhook_follows_its_files(caplog: pytest.LogCaptureFixture) -> None:
    found = loaded()
    assert webhook(found) == found.webhooks["w"]
    for version, url in (("b", "https://receiver.example/new"), ("c", OLD)):
        mount(version, url)
        assert webhook(found) == replace(found.webhooks["w"], url=url)
        [(level, line, fields)] = told(caplog)
        assert (level, line) == ("INFO", "webhook w: read again from its files: url")
        assert fields == {"webhook": "w", "changed": ["url"]}
    # As loaded: what was read since belongs to `files`.
    assert found.webhooks["w"].url == OLD
    assert webhook(found, "plain") is found.webhooks["plain"]
    assert found.find_webhook("gone") is None


def test_a_file_that_did_not_change_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("mounted/url", "secret"):
        os.utime(path, (1, 1))
    monkeypatch.setattr(rereading, "_SETTLED", -1)
    found = loaded()
    before = webhook(found)

    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(references, "_from_file", opened)
    assert webhook(found) is before


def test_what_may_change_within_a_tick_of_the_clock_is_read_each_time() -> None:
    found, state = loaded(), Path("key").stat()
    for url in ("https://receiver.example/1", "https://receiver.example/2"):
        Path("mounted/url").write_text(url)
        os.utime("mounted/url", ns=(state.st_mtime_ns, state.st_mtime_ns))
        assert webhook(found).url == url


@pytest.mark.parametrize("written", [None, "", "not an address", "http://127.0.0.1/s3cret"])
def test_a_file_that_cannot_be_used_is_told_once_and_tried_again(
    written: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    found = loaded()
    before = webhook(found)
    Path("mounted/url").unlink()
    if written is not None:
        Path("mounted/url").write_text(written)
    for _ in range(3):
        assert webhook(found) == before
    [(level, line, fields)] = told(caplog)
    assert level == "WARNING"
    assert line.startswith("pricetrail.toml: webhooks.w.url: ")
    assert line.endswith("; what it said before holds")
    assert fields["webhook"] == "w"
    assert "s3cret" not in line
    Path("mounted/url").write_text("https://receiver.example/better")
    assert webhook(found).url == "https://receiver.example/better"
    assert len(told(caplog)) == 1


def test_a_webhook_whose_secret_came_late_is_used_from_then_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Path("secret").unlink()
    found = loaded()
    assert webhook(found).faults
    # It was told at the start.
    assert told(caplog) == []
    Path("secret").write_text(ENVIRON["SECRET"])
    assert not webhook(found).faults
    assert told(caplog)[0][1] == "webhook w: read again from its files: secrets"


def test_a_source_is_read_again_where_that_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    found = loaded()
    source, files = found.sources["s"], found.files
    Path("key").write_text("key-2\n")
    assert files.source(source).api_key == "key-1"
    assert files.source_again(source).api_key == "key-2"
    assert files.source(source) == replace(source, api_key="key-2")
    assert told(caplog) == [
        (
            "INFO",
            "source s: read again from its files: api_key",
            {"source": "s", "changed": ["api_key"]},
        )
    ]
    Path("key").write_text("two\nlines\n")
    assert files.source_again(source).api_key == "key-2"
    assert told(caplog)[0][0] == "WARNING"
    plain = found.sources["plain"]
    assert files.source_again(plain) is files.source(plain) is plain
