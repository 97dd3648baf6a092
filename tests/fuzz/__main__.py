"""`python -m tests.fuzz TARGET SECONDS`: any bytes, led by coverage, from the corpus on (atheris).

A traceback, an input that takes seconds, or memory over the bound ends it, and the input is kept in
`build/fuzz`: mend what it found, and put it into `tests/fuzz/corpus/TARGET`.
"""

import os
import sys
import tempfile
from pathlib import Path

import atheris

_ROOT = Path(__file__).resolve().parents[2]
CORPUS = _ROOT / "tests" / "fuzz" / "corpus"
FOUND = _ROOT / "build" / "fuzz"
# Of one input, and of the process.
_SECONDS, _MEGABYTES, _BYTES = 10, 1_024, 16_384


def main(name: str, seconds: str) -> None:
    """Fuzz one target; ends with 0 where nothing was found."""
    with atheris.instrument_imports(include=["pricetrail"]):
        from tests.fuzz.targets import tried  # noqa: PLC0415 - seen by the fuzzer as it is loaded

    new = FOUND / name
    new.mkdir(parents=True, exist_ok=True)
    os.chdir(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={_SECONDS}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_BYTES}",
        f"-artifact_prefix={new}/found-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(new), str(CORPUS / name)], lambda b: tried(name, b))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
