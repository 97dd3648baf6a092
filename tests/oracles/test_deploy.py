"""Others' checks of what `deploy/` holds for them: a Dockerfile, manifests, Compose, an action."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.test_kubernetes import FOLDER as KUBERNETES
from tests.deploy.test_kubernetes import MANIFESTS
from tests.docs.test_pages import ROOT

DEPLOY = ROOT / "deploy"
SCHEMAS = {
    "docker/compose.yaml": "vendor.compose-spec",
    "docker/compose.postgres.yaml": "vendor.compose-spec",
    "github-action/action.yml": "vendor.github-actions",
    "github-action/example-workflow.yml": "vendor.github-workflows",
}


def run(program: str, *arguments: str) -> tuple[int, str]:
    """The exit code of one of this environment's programs, and all that it says."""
    path = Path(sys.executable).parent / program
    done = subprocess.run([path, *arguments], capture_output=True, check=False, text=True)
    return done.returncode, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert run("hadolint", str(DEPLOY / "docker" / "Dockerfile")) == (0, "")


def test_kubernetes_schemas_find_the_merged_base_sound(tmp_path: Path) -> None:
    secret = (KUBERNETES / "secret.example.yaml").read_text(encoding="utf-8")
    everything = tmp_path / "all.yaml"
    everything.write_text(yaml.safe_dump_all([*MANIFESTS, yaml.safe_load(secret)]))
    code, said = run("kubernetes-validate", "--strict", str(everything))
    assert (code, said.count(" passed ")) == (0, len(MANIFESTS) + 1), said


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_file_for_others_keeps_to_their_schema(file: str) -> None:
    code, said = run("check-jsonschema", "--builtin-schema", SCHEMAS[file], str(DEPLOY / file))
    assert code == 0, said
