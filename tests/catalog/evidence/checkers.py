"""The three that check a bundle: the package, its command, and the script of the docs."""

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
    code, said = _run_in_here(bundle, head)
    assert code in (0, 1)
    assert said.startswith("NOT PROVEN: ") == (code == 1), said
    return code == 0, said


def by_script_alone(bundle: bytes, head: str) -> tuple[bool, str]:
    """Likewise, in a process of its own that has the standard library and nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), head],
        input=bundle,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1)
    return done.returncode == 0, (done.stdout + done.stderr).decode()


def _run_in_here(bundle: bytes, head: str) -> tuple[int, str]:
    """Exit code and output of the script, run as the interpreter runs it, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "strict") for _ in range(2))
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bundle), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "argv", [str(SCRIPT), head])
        patch.setattr(sys, "excepthook", sys.__excepthook__)
        try:
            exec(_CODE, {"__name__": "__main__"})
        except Exception as error:  # noqa: BLE001 - whatever it is, the script ends with it
            sys.excepthook(type(error), error, error.__traceback__)
            code = 1
    said = b"".join(_written(stream) for stream in (out, err))
    return code, said.decode()


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    binary = stream.buffer
    assert isinstance(binary, io.BytesIO)
    return binary.getvalue()
