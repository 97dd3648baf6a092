"""Schemathesis asks every address what its description allows, and what it does not."""

import subprocess
import sys
from pathlib import Path

from pricetrail.storage.database import Database
from tests.oracles.service import running
from tests.web.api.recordings import one_source

# A cursor is opaque: of the texts that it may be, by its description, most are none.
CONFIG = """
[[operations]]
include-name = "GET /api/v1/events"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404"]
"""


def test_every_answer_is_as_it_is_described(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    one_source(database)
    database.close()
    Path("schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    with running(sqlite_url) as address:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{address}/api/openapi.json",
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "5"),
            *("--seed", "1"),
            # It does not end.
            *("--exclude-path", "/api/v1/events/stream"),
            "--continue-on-failure",
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert "Tested: 27" in run.stdout
