"""The three that check a bundle: the package, its command, and the script of the docs."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pricetrail.catalog.evidence import check
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import dumps
from tests.pricetrail.commands.running import run

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "evidence-checker.py"
_CODE = compile(SCRIPT.read_text(encoding="utf-8"), str(SCRIPT), "exec")


def by_package(bundle: Any, head: SavedHead) -> tuple[bool, str]:
    found = check(bundle, head)
    return not found.problems, "; ".join(found.problems)


def by_command(bundle: Any, head: SavedHead, file: Path) -> tuple[bool, Any]:
    """Whether the command is content, and its JSON document."""
    file.write_text(dumps(bundle), encoding="utf-8")
    code, out, err = run("evidence", "check", str(file), "--head", str(head), "--json")
    document = json.loads(out)
    assert (code, document["ok"]) in ((0, True), (1, False)), err
    assert (err == "") == (code == 0)
    return code == 0, document


def by_script(bundle: Any, head: SavedHead) -> tuple[bool, str]:
    """Whether the script is content, and what it prints."""
    return by_script_as_text(dumps(bundle).encode(), str(head))


def by_script_as_text(bundle: bytes, head: str) -> tuple[bool, str]:
    """Likewise, of whatever bytes and argument."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), head], input=bundle, capture_output=True, check=False
    )
    assert done.returncode in (0, 1)
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert said.startswith("NOT PROVEN: ") == (done.returncode == 1), said
    return done.returncode == 0, said


def by_script_in_here(bundle: Any, head: SavedHead) -> bool:
    """The verdict alone, without a process of its own."""
    stdin = io.TextIOWrapper(io.BytesIO(dumps(bundle).encode()))
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(sys, "stdin", stdin)
        patch.setattr(sys, "argv", [str(SCRIPT), str(head)])
        patch.setattr(sys, "excepthook", sys.excepthook)
        try:
            exec(_CODE, {})
        except Exception:  # noqa: BLE001 - whatever it is, the script ends with exit code 1
            return False
    return True
