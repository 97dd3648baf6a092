"""What `docs/what-we-promise.md` shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pricetrail.catalog.versions import Version, chain_metadata
from tests.pricetrail.commands.running import made_up_history, shown
from tests.support.histories import at

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "what-we-promise.md").read_text(encoding="utf-8")


def test_the_metadata_is_written_as_the_page_says() -> None:
    version = Version("pipellm", 2, b"", b"", at("10:00"), at("11:00"))
    assert f"```json\n{chain_metadata(version, 2)}\n```" in PAGE


def test_every_kind_of_break_is_explained() -> None:
    files = (DOCS.parent / "storage" / "verification").glob("*.py")
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    said = set(re.findall(r'broken\([^"]*, "(\w+)"', code)) | {"prices", "schema"}
    certainties = {"observed", "bracketed", "gap"}
    assert said == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) - certainties


@pytest.mark.parametrize("model", ["gpt-5", "old"])
def test_the_commands_of_the_page_work_one_after_the_other(model: str) -> None:
    made_up_history()
    saved = shown("head").strip()
    assert "nothing before it was changed" in shown("verify", "--head", saved)
    shown("evidence", model, "--at", "2026-03-01T12:00:00Z", "-o", "bundle.json")
    shown("evidence", "check", "bundle.json", "--head", saved)
    done = subprocess.run(
        [sys.executable, "-I", str(DOCS / "evidence-checker.py"), saved],
        input=Path("bundle.json").read_text(encoding="utf-8"),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.startswith(f"observed 2026-03-01T12:00:00Z {model} {{")
