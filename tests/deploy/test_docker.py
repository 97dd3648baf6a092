"""The image's recipe and the Compose files: closed, healthy when they say so, from one lock.

`make try-image` carries the recipe out; hadolint looks at it in `tests/oracles/test_deploy.py`.
"""

import importlib.util
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from pricetrail.settings.checks import check
from tests.docs.test_pages import ROOT
from tests.support.sockets import answer, raw_server
from tests.trials import image
from tests.trials.dockerfile import parse, stages

FOLDER = ROOT / "deploy" / "docker"
STAGES = stages(parse((FOLDER / "Dockerfile").read_text(encoding="utf-8")))
COMPOSED = ("compose.yaml", "compose.postgres.yaml")


def composed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def test_the_last_stage_has_no_tool_to_build_with_and_is_nobody_special() -> None:
    last = {instruction.name: instruction for instruction in STAGES[-1]}
    assert last["USER"].rest == "10001:10001"
    assert last["VOLUME"].words() == ["/data"]
    assert not re.search(r"pip|venv|gcc|git|curl", last["RUN"].rest)
    labels = {name.rpartition(".")[2] for name in last["LABEL"].pairs()}
    assert {"title", "version", "revision", "created", "licenses"} <= labels


def test_what_it_installs_is_pinned_by_hash() -> None:
    text = " && ".join(each.rest for each in STAGES[0] if each.name == "RUN")
    calls = re.findall(r"/pip [^&]+", text)
    assert len(calls) == 4
    assert all("--no-index" in call or "--require-hashes" in call for call in calls)


def test_the_context_has_what_the_package_is_made_of_and_no_secret() -> None:
    sent = {path.as_posix() for path in image.context()}
    folders = {path.name for path in (ROOT / "pricetrail").iterdir() if path.is_symlink()}
    assert folders < {Path(path).parts[0] for path in sent}
    assert {f"pricetrail/{folder}" for folder in folders} < sent
    named = {"pyproject.toml", "README.md", "requirements-run.lock", "deploy/docker/health.py"}
    assert named < sent
    assert not [path for path in sent if re.match(r"tests|docs|\.|.*\.(db|env|toml\.bak)$", path)]


@pytest.mark.parametrize(
    ("command", "answered", "code"),
    [
        ("pricetrail\0run\0--web\0", "200 OK", 0),
        ("pricetrail\0web\0", "200 OK", 0),
        ("pricetrail\0web\0", "503 Service Unavailable", 1),
        ("pricetrail\0run\0--web\0", "", 1),
        ("pricetrail\0run\0", "", 0),
    ],
)
def test_it_is_healthy_while_its_page_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, answered: str, code: int
) -> None:
    spec = importlib.util.spec_from_file_location("health", FOLDER / "health.py")
    assert spec is not None
    assert spec.loader is not None
    health = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(health)
    (tmp_path / "cmdline").write_text(command)
    with raw_server(answer(b"", status=answered)) as page:
        port = urlsplit(page.url()).port if answered else 1
        monkeypatch.setenv("PRICETRAIL_WEB_PORT", str(port))
        assert health.main(tmp_path / "cmdline") == code


@pytest.mark.parametrize("file", COMPOSED)
def test_a_composed_service_is_closed_and_has_its_secrets_as_files(file: str) -> None:
    services = composed(file)["services"]
    ours = [service for service in services.values() if service["image"] == "pricetrail"]
    assert ours
    toml = (FOLDER / "pricetrail.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"file:/run/secrets/([\w-]+)", toml))
    for service in ours:
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service["secrets"]) == named
        assert service["restart"] == "unless-stopped"
    used = {name for service in services.values() for name in service["secrets"]}
    assert used == set(composed(file)["secrets"])


def test_their_configuration_can_be_loaded(tmp_path: Path) -> None:
    text = (FOLDER / "pricetrail.toml").read_text(encoding="utf-8")
    for name in re.findall(r"file:/run/secrets/([\w-]+)", text):
        (tmp_path / name).write_text("sqlite:////data/pricetrail.db", encoding="utf-8")
    config = tmp_path / "pricetrail.toml"
    config.write_text(text.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
    report = check(config, {})
    assert (report.errors, report.sources) == ((), 1)
