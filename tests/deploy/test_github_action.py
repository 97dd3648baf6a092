"""The GitHub Action's script, against a repository on this disk: the history survives each job."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pricetrail.demo.gateway import Gateway
from pricetrail.storage.database import Database
from tests.docs.test_pages import ROOT
from tests.jobs.stage import model

pytestmark = pytest.mark.slow

FOLDER = ROOT / "deploy" / "github-action"
BRANCH = "pricetrail-data"


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with a configuration, of a repository that has no history of prices yet."""
    git("init", "--quiet", "--bare", str(tmp_path / "origin"))
    git("clone", "--quiet", str(tmp_path / "origin"), str(tmp_path / "clone"))
    program = tmp_path / "pricetrail"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pricetrail "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return tmp_path / "clone"


def configure(checkout: Path, **urls: str) -> None:
    sources = [
        f'[sources.{name}]\nurl = "{url}"\napi_key = "env:KEY"\nschedule = "@daily"\n'
        for name, url in urls.items()
    ]
    (checkout / "pricetrail.toml").write_text("".join(sources), encoding="utf-8")


def job(checkout: Path) -> "subprocess.CompletedProcess[str]":
    """A job of the workflow: nothing is left of the one before but what was pushed."""
    environment = {
        **os.environ,
        "BRANCH": BRANCH,
        "CONFIG": "pricetrail.toml",
        "PRICETRAIL": str(checkout.parent / "pricetrail"),
        "PYTHONPATH": str(ROOT),
        "KEY": "demo-key",
    }
    return subprocess.run(
        [str(FOLDER / "poll.sh")],
        cwd=checkout,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def kept(checkout: Path) -> dict[str, int]:
    """How many polls of each outcome the branch holds; it has a single commit."""
    origin = str(checkout.parent / "origin")
    assert len(git("-C", origin, "rev-list", BRANCH).split()) == 1
    copy = checkout.parent / "kept.db"
    copy.write_bytes(git("-C", origin, "cat-file", "blob", f"{BRANCH}:pricetrail.db"))
    database = Database(f"sqlite:///{copy}")
    with database.read() as connection:
        query = "SELECT outcome, count(*) FROM poll GROUP BY outcome"
        found = connection.exec_driver_sql(query).all()
    database.close()
    return {str(outcome): int(times) for outcome, times in found}


def test_the_history_goes_from_job_to_job_with_what_failed(checkout: Path) -> None:
    with Gateway([model("m")]) as gateway:
        configure(checkout, a=gateway.url, b="http://127.0.0.1:1/v1/models")
        first = job(checkout)
        assert (first.returncode, first.stdout) == (1, ""), first.stderr
        assert kept(checkout) == {"changed": 1, "failed": 1}
        # Nothing is due yet, and nothing failed.
        assert job(checkout).returncode == 0
        assert (kept(checkout), gateway.requests) == ({"changed": 1, "failed": 1}, 1)


def test_a_repository_that_cannot_be_asked_begins_no_second_history(checkout: Path) -> None:
    configure(checkout, a="http://127.0.0.1:1/v1/models")
    git("-C", str(checkout), "remote", "set-url", "origin", str(checkout / "nowhere"))
    done = job(checkout)
    assert done.returncode == 1
    assert "nothing was polled" in done.stderr


def test_the_action_runs_that_script_and_names_its_inputs() -> None:
    action = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
    poll = action["runs"]["steps"][-1]
    assert poll["run"] == '"$GITHUB_ACTION_PATH/poll.sh"'
    script = (FOLDER / "poll.sh").read_text(encoding="utf-8")
    assert all(f"${name}" in script for name in poll["env"])
    assert action["inputs"]["branch"]["default"] == BRANCH
    workflow = yaml.safe_load((FOLDER / "example-workflow.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "write"}
