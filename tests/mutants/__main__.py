"""`python -m tests.mutants PATH …`: code changed in small ways, and whether a test notices.

A path is a module (`catalog/amounts.py`), a folder, or a pattern; each module is held against the
tests that import it, of the folder that mirrors its own, on SQLite. mutmut copies what it changes
and follows no link, so it works on a copy of the tree in `build/mutants`. It ends with 1 where a
change went unnoticed that `known.txt` does not name; `README.md` says why those may.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants.staging import Batch, batches, stage

_ROOT = Path(__file__).resolve().parents[2]
_TREE = Path(os.environ.get("MUTANTS_TREE") or _ROOT / "build" / "mutants")
_KNOWN = Path(__file__).with_name("known.txt")
_NOTICED = {1: "killed", 3: "killed", -24: "timeout", 24: "timeout", 36: "timeout", 152: "timeout"}
_UNNOTICED = {0: "survived", 5: "no tests", 33: "no tests"}


def main(paths: Sequence[str]) -> int:
    """Try all modules; the number of the surprises decides how it ends."""
    found: list[str] = []
    for batch in batches(_ROOT, paths):
        _run(batch)
        for module in batch.modules:
            found += _judged(module)
    for name in found:
        print(_shown(name))
    return 1 if found else 0


def _run(batch: Batch) -> None:
    shutil.rmtree(_TREE, ignore_errors=True)
    stage(_ROOT, _TREE, batch)
    shared = os.environ.get("PRICETRAIL_SHARED") or str(_ROOT.parent / "shared")
    given = {"HYPOTHESIS_PROFILE": "mutants", "PRICETRAIL_SHARED": shared, "PYTHONPATH": "."}
    _mutmut("run", "--max-children", os.environ.get("MUTANTS_AT_ONCE", "2"), given=given)


def _mutmut(*args: str, given: dict[str, str]) -> str:
    command = [sys.executable, "-m", "mutmut", *args]
    done = subprocess.run(
        command,
        cwd=_TREE,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"mutmut {args[0]} ended with {done.returncode}:\n{done.stdout[-4_000:]}")
    return done.stdout


def _judged(module: str) -> list[str]:
    """The surprises of a module, after a line with its score."""
    results = dict(_results(module))
    counts = Counter(results.values())
    noticed = counts["killed"] + counts["timeout"]
    known = set(_KNOWN.read_text(encoding="utf-8").split())
    missed = [name for name, result in results.items() if result not in _NOTICED.values()]
    explained = [name for name in missed if name in known]
    print(f"{module}: {noticed} of {len(results)} noticed, {len(explained)} explained", flush=True)
    return [name for name in missed if name not in known]


def _results(module: str) -> Iterator[tuple[str, str]]:
    path = _TREE / "mutants" / "pricetrail" / f"{module}.meta"
    codes = (
        json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"] if path.exists() else {}
    )
    for name, code in codes.items():
        yield name, {**_NOTICED, **_UNNOTICED}.get(code, f"ended with {code}")


def _shown(name: str) -> str:
    return f"\n{name}\n{_mutmut('show', name, given={})}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
