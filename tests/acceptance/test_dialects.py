"""A gateway of another dialect, from the poll to the proof: real HTTP, real databases, commands."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.catalog.dialects import xai
from pricetrail.catalog.saved_heads import saved_head
from pricetrail.catalog.strict_json import dumps, loads
from tests.catalog.evidence.checkers import by_command, by_package, by_script
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.dialects import entry, native, spoken
from tests.support.sockets import RawServer, answer, raw_server

pytestmark = pytest.mark.slow

CONFIG = """
database_url = "{database}"
[sources.theirs]
url = "{gateway}"
api_key = "k"
dialect = "xai"
keep = ["/limits"]
"""
FIRST = native(entry("a", "2.5", cached=Decimal("0.125"), limits={"in": 7}), entry("b/c:d", "10"))
DEARER = native(entry("a", "3", cached=Decimal("0.125"), limits={"in": 7}), entry("b/c:d", "10"))
LATER = native(entry("a", "3", cached=Decimal("0.25"), limits={"in": 7}), entry("b/c:d", "10"))


@pytest.fixture
def server() -> Iterator[RawServer]:
    scripts = [answer(body) for body in (FIRST, FIRST, DEARER, LATER)]
    with raw_server(*scripts) as server:
        yield server


@pytest.fixture
def history(
    server: RawServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    """Polled by two versions of a dialect: 1, 2; 3 is 2 read anew, and 4 what was there then."""
    text = CONFIG.format(database=database_url, gateway=server.url())
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    spoken(monkeypatch, 1)
    polled = [document("poll")["polls"][0] for _ in range(3)]
    assert [poll["outcome"] for poll in polled] == ["changed", "unchanged", "changed"]
    spoken(monkeypatch, 2)
    found: dict[str, object] = document("poll")["polls"][0]
    return found


def test_what_is_polled_in_a_dialect_is_answered_told_and_proven(
    history: dict[str, object], tmp_path: Path
) -> None:
    assert (history["version"], history["counts"]) == (
        4,
        {"added": 0, "removed": 0, "repriced": 1, "updated": 0},
    )
    entries = document("snapshots")["snapshots"]
    assert [one["dialect"] for one in entries] == ["xai/1", "xai/1", "xai/2", "xai/2"]
    assert document("verify") == {**document("verify"), "ok": True, "snapshots": 4}
    listed = document("models")
    assert (listed["object"], listed["total"]) == ("list", 2)
    assert listed["data"][0] == {
        "id": "a",
        "pricing": {
            "kind": "token",
            "text": {"prompt": "0.000003"},
            "cache": {"read": "0.00000025"},
        },
        "limits": {"in": 7},
    }
    told = document("history", "a")["events"]
    assert [one["type"] for one in told] == 2 * ["baseline", "model.repriced"]
    assert "read anew by xai/2" in shown("history", "a")
    assert "xai/2" in shown("snapshots")
    assert "read by: xai/2, keeping /limits" in shown("snapshots", "show", "4")
    assert shown("snapshots", "show", "4", "--raw").encode() == LATER
    shown("evidence", "a", "-o", "bundle.json", "--body")
    head = saved_head(shown("head").strip())
    bundle = loads(Path("bundle.json").read_bytes())
    assert loads(bundle["chain"]["links"][-1]["metadata"])["dialect"] == "xai/2"
    (proof,) = bundle["proofs"]
    assert proof["body"].encode() == LATER
    ok, checked = by_command(bundle, head, tmp_path / "b.json")
    hashed = bundle["chain"]["links"][-1]["body_hash"]
    read = f"version 4 was read by xai/2 from the body with hash {hashed}, which the bundle carries"
    assert ok
    assert read in checked["proven"]
    assert "that xai/2 read the body of version 4 rightly" in checked["said"]
    ok, said = by_script(bundle, head)
    assert ok
    assert f"; 4: {hashed[7:]} as read by xai/2" in said


def test_no_part_of_what_read_a_body_can_be_forged(history: dict[str, object]) -> None:
    shown("evidence", "a", "-o", "bundle.json", "--body")
    head = saved_head(shown("head").strip())
    text = Path("bundle.json").read_text(encoding="utf-8")
    for old, new in (("xai/2", "xai/3"), ('\\"dialect\\":\\"xai/2\\",', "")):
        forged = loads(text.replace(old, new))
        assert not by_package(forged, head)[0]
        assert not by_script(forged, head)[0]
    bundle = loads(text)
    for body in (DEARER.decode(), "", 7, None, [LATER.decode()]):
        bundle["proofs"][0]["body"] = body
        assert not by_package(bundle, head)[0], body
        assert not by_script(bundle, head)[0], body
    del bundle["proofs"][0]["body"]
    assert by_package(bundle, head)[0]
    assert by_script(bundle, head)[0]


def test_a_history_of_a_dialect_moves_by_its_observations(
    history: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown("export", "observations", "-o", "moved.jsonl")
    lines = Path("moved.jsonl").read_text(encoding="utf-8").splitlines()
    known = [json.loads(line)["coverage"] for line in lines if "coverage" in json.loads(line)]
    assert {(one["dialect"], *one["keep"]) for one in known} == {
        ("xai/1", "/limits"),
        ("xai/2", "/limits"),
    }
    monkeypatch.setenv("PRICETRAIL_CONFIG", "")
    Path("pricetrail.toml").unlink()
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///moved.db")
    assert document("import", "moved.jsonl", "--source", "theirs")["versions"] == 3
    assert document("verify")["ok"]
    assert document("import", "moved.jsonl", "--source", "theirs")["versions"] == 0
    (first, *_) = document("history", "a")["events"]
    assert first["type"] == "baseline"


def test_native_observations_are_imported_by_their_dialect(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    spoken(monkeypatch, 1)
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", database_url)
    times = [f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3)]
    bodies = [loads(FIRST), loads(DEARER)["models"], loads(DEARER)]
    lines = [
        dumps({"observed_at": at, "payload": body}) for at, body in zip(times, bodies, strict=True)
    ]
    Path("native.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert "not a catalog" in refused(1, "import", "native.jsonl")
    assert "did you mean xai" in run("import", "native.jsonl", "--dialect", "xia")[2]
    report = document("import", "native.jsonl", "--dialect", "xai", "--source", "x")
    assert (report["versions"], report["unchanged"]) == (2, 1)
    assert [one["dialect"] for one in document("snapshots")["snapshots"]] == ["xai/1", "xai/1"]
    assert document("verify")["ok"]
    folder = Path("dated")
    folder.mkdir()
    (folder / "2026-04-01.json").write_bytes(DEARER)
    (folder / "2026-04-02.json").write_text(dumps(loads(LATER)["models"]), encoding="utf-8")
    spoken(monkeypatch, 2)
    report = document("import", "dated", "--dialect", "xai", "--source", "x")
    # What was there is read anew, and what comes is compared with that.
    assert (report["versions"], report["events"]) == (2, 1)
    assert [one["dialect"] for one in document("snapshots")["snapshots"]][2:] == ["xai/2"] * 2
    assert document("verify")["ok"]
    monkeypatch.setattr(xai, "VERSION", 3)
    assert document("verify")["ok"]
