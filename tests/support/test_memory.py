"""Temporary files lie in memory where there is room, and where somebody wants them else."""

import tempfile
from pathlib import Path

import pytest

from tests.support import memory


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "before")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_they_lie_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_ENOUGH", 0)
    memory.use(tmp_path)
    assert tempfile.gettempdir() == str(tmp_path)


def test_what_somebody_has_set_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = tmp_path / "wanted"
    wanted.mkdir()
    monkeypatch.setenv("TMPDIR", str(wanted))
    memory.use(tmp_path)
    assert tempfile.gettempdir() == str(wanted)


@pytest.mark.parametrize("name", ["", "missing"])
def test_they_lie_elsewhere_where_memory_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(memory, "_ENOUGH", 1 << 62)
    memory.use(tmp_path / name)
    assert tempfile.gettempdir() not in (str(tmp_path), str(tmp_path / name))


def test_a_folder_for_sockets_has_a_short_path() -> None:
    folder = memory.short_folder("pt-")
    folder.rmdir()
    assert len(str(folder)) < 30
