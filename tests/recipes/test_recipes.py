"""Each recipe polls what is due, leaves what is not, and fails where a poll failed.

`make test-recipes` makes an environment for each engine. Pricetrail runs in this one.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.docs.test_pages import ROOT
from tests.jobs.stage import model

ENGINES = ("airflow", "dagster", "prefect")


def run(engine: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A run by the engine itself, all of whose own files are in a folder of this test."""
    program = folder / "pricetrail"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pricetrail "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "DAGSTER_HOME": str(folder),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PREFECT_HOME": str(folder / "prefect"),
        "DO_NOT_TRACK": "1",
        "PRICETRAIL": str(program),
        "PRICETRAIL_CONFIG": str(folder / "pricetrail.toml"),
        "PYTHONPATH": str(ROOT),
    }
    python = ROOT / f".venv-{engine}" / "bin" / "python"
    script = ROOT / "tests" / "recipes" / f"run_{engine}.py"
    return subprocess.run(
        [str(python), str(script), str(ROOT / "deploy" / "recipes" / engine)],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_polls_what_is_due_and_tells_a_failure(engine: str, tmp_path: Path) -> None:
    text = '[sources.{}]\nurl = "{}"\napi_key = "demo-key"\nschedule = "@daily"\n'
    config = tmp_path / "pricetrail.toml"
    with Gateway([model("m")]) as gateway:
        config.write_text(text.format("s", gateway.url), encoding="utf-8")
        for _ in range(2):
            done = run(engine, tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
        assert gateway.requests == 1
    with config.open("a", encoding="utf-8") as file:
        file.write(text.format("gone", "http://127.0.0.1:1/v1/models"))
    done = run(engine, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "refuses the connection" in done.stdout + done.stderr
