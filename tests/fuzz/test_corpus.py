"""Every input that was kept is still read, or refused in words of ours."""

from pathlib import Path

import pytest

from pricetrail.catalog.evidence import check
from tests.fuzz.targets import TARGETS, tried

CORPUS = Path(__file__).parent / "corpus"
KEPT = [(file.parent.name, file.name) for file in sorted(CORPUS.glob("*/*"))]


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_what_was_kept_is_an_answer(name: str, file: str) -> None:
    tried(name, (CORPUS / name / file).read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {name for name, _ in KEPT} == set(TARGETS)


def test_a_traceback_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "catalog", lambda data: print(data[5]))
    with pytest.raises(IndexError):
        tried("catalog", b"1")


def test_a_forged_bundle_that_is_proven_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{check.__module__}.check", lambda bundle, _=None: check(bundle))
    bundle = next(file for file in (CORPUS / "evidence").iterdir() if "genuine" in file.name)
    with pytest.raises(AssertionError):
        tried("evidence", bundle.read_bytes())
