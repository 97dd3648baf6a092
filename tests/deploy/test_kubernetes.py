"""The Kubernetes base, merged: what it names is there, and its pods may do nothing needless.

Kubernetes' own schemas look at it in `tests/oracles/test_deploy.py`.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pricetrail.settings.checks import check
from tests.docs.test_pages import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
NOT_APPLIED = {"kustomization.yaml", "secret.example.yaml"}
SECRETS = Path("/run/secrets/pricetrail")

Manifest = dict[str, Any]


def loaded(name: str) -> Manifest:
    manifest: Manifest = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return manifest


KUSTOMIZATION = loaded("kustomization.yaml")


def merged() -> list[Manifest]:
    """What is applied, as `kubectl kustomize` prints it."""
    found = [loaded(name) for name in KUSTOMIZATION["resources"]]
    [labels] = KUSTOMIZATION["labels"]
    assert labels["includeSelectors"]
    [image] = KUSTOMIZATION["images"]
    for manifest in found:
        if manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = KUSTOMIZATION["namespace"]
        for template in found_at(manifest, "jobTemplate"):
            template.setdefault("metadata", {})["labels"] = dict(labels["pairs"])
        for metadata in [manifest["metadata"], *found_at(manifest, "template", "metadata")]:
            metadata["labels"] = metadata.get("labels", {}) | labels["pairs"]
        for selector in found_at(manifest, "matchLabels"):
            selector.update(labels["pairs"])
        if manifest["kind"] == "Service":
            manifest["spec"]["selector"] |= labels["pairs"]
        for container in containers(manifest):
            assert container["image"] == image["name"]
            container["image"] = f"{image['newName']}:{image['newTag']}"
    return found


def found_at(part: Any, *path: str) -> Iterator[Any]:
    """Whatever stands at such a path, however deep it begins."""
    if isinstance(part, list):
        for item in part:
            yield from found_at(item, *path)
    elif isinstance(part, dict):
        here: Any = part
        for key in path:
            here = here.get(key) if isinstance(here, dict) else None
        if here is not None:
            yield here
        for value in part.values():
            yield from found_at(value, *path)


def containers(manifest: Manifest) -> list[Manifest]:
    return [one for some in found_at(manifest, "containers") for one in some]


MANIFESTS = merged()


def of_kind(kind: str) -> Manifest:
    [found] = [manifest for manifest in MANIFESTS if manifest["kind"] == kind]
    return found


def pods() -> list[Manifest]:
    return list(found_at(MANIFESTS, "template", "spec"))


def test_every_manifest_is_applied() -> None:
    assert set(KUSTOMIZATION["resources"]) == {p.name for p in FOLDER.iterdir()} - NOT_APPLIED


def test_selectors_mean_the_pods_of_the_deployment() -> None:
    template = of_kind("Deployment")["spec"]["template"]
    [container] = template["spec"]["containers"]
    meant = [*found_at(of_kind("Deployment"), "matchLabels")]
    meant += found_at(of_kind("PodDisruptionBudget"), "matchLabels")
    meant += found_at(of_kind("NetworkPolicy"), "matchLabels")
    meant.append(of_kind("Service")["spec"]["selector"])
    assert len(meant) == 5
    assert all(labels.items() <= template["metadata"]["labels"].items() for labels in meant)
    ports = {port["name"] for port in container["ports"]}
    named = {*found_at(of_kind("Service"), "targetPort"), *found_at(container, "httpGet", "port")}
    assert named | {of_kind("NetworkPolicy")["spec"]["ingress"][0]["ports"][0]["port"]} == ports


def test_the_budget_leaves_one_and_lets_one_go() -> None:
    least = of_kind("PodDisruptionBudget")["spec"]["minAvailable"]
    assert 0 < least < of_kind("Deployment")["spec"]["replicas"]


def test_what_pods_mount_and_use_is_there() -> None:
    names = {(manifest["kind"], manifest["metadata"]["name"]) for manifest in MANIFESTS}
    secret = loaded("secret.example.yaml")["metadata"]
    names.add(("Secret", secret["name"]))
    assert secret["namespace"] == of_kind("Namespace")["metadata"]["name"]
    for pod in pods():
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        [container] = pod["containers"]
        assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
        assert ("ConfigMap", volumes["config"]["configMap"]["name"]) in names
        assert ("Secret", volumes["secrets"]["secret"]["secretName"]) in names
        assert ("ServiceAccount", pod["serviceAccountName"]) in names
        mounts = {mount["name"]: Path(mount["mountPath"]) for mount in container["volumeMounts"]}
        assert mounts["secrets"] == SECRETS
        [config] = [one for one in container["env"] if one["name"] == "PRICETRAIL_CONFIG"]
        inside = Path(config["value"]).relative_to(mounts["config"])
        assert str(inside) in of_kind("ConfigMap")["data"]


@pytest.mark.parametrize("pod", pods())
def test_a_pod_may_do_nothing_that_it_need_not(pod: Manifest) -> None:
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    # Kubernetes would set PRICETRAIL_PORT and the like from the Service's name.
    assert not pod["enableServiceLinks"]
    [container] = pod["containers"]
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    dockerfile = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    [user] = re.findall(r"^USER (\d+):", dockerfile, re.MULTILINE)
    assert pod["securityContext"]["runAsUser"] == int(user)


def test_the_configuration_can_be_loaded_with_the_secrets_that_it_names(tmp_path: Path) -> None:
    text = of_kind("ConfigMap")["data"]["pricetrail.toml"]
    secrets = loaded("secret.example.yaml")["stringData"]
    named = re.findall(rf"file:{SECRETS}/([\w-]+)", text)
    assert sorted(named) == sorted(secrets)
    for name, value in secrets.items():
        (tmp_path / name).write_text(value, encoding="utf-8")
    config = tmp_path / "pricetrail.toml"
    config.write_text(text.replace(str(SECRETS), str(tmp_path)), encoding="utf-8")
    report = check(config, {})
    assert (report.errors, report.sources) == ((), 1)
    web = tomllib.loads(text)["web"]
    [container] = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    assert [port["containerPort"] for port in container["ports"]] == [web["port"]]
    service = of_kind("Service")["metadata"]
    assert f"{service['name']}.{service['namespace']}.svc" in web["allowed_hosts"]
