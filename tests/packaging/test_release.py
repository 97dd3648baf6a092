"""A release is of what is committed, and the changelog has its section."""

import subprocess
from pathlib import Path

import pytest

from pricetrail.version import VERSION
from tests.packaging import release
from tests.packaging.changelog import UNRELEASED, missing, sections

ROOT = Path(__file__).resolve().parents[2]
RELEASED = f"# Changelog\n\n## {VERSION} (2026-12-01)\n\n- All.\n"


def test_the_changelog_has_dated_sections_and_at_most_one_that_waits() -> None:
    newest, *older = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert newest.version in (UNRELEASED, VERSION)
    assert VERSION not in [section.version for section in older]


@pytest.mark.parametrize(
    ("changelog", "said"),
    [
        (RELEASED, None),
        (f"## {UNRELEASED}\n\n- More.\n\n{RELEASED}", f"name the section {UNRELEASED}"),
        (RELEASED.replace(VERSION, "9.9.9"), "begins with 9.9.9"),
        (RELEASED.replace("- All.", ""), "is empty"),
    ],
)
def test_a_release_asks_for_its_section(changelog: str, said: str | None) -> None:
    found = missing(changelog, VERSION)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(
    "changelog",
    [
        f"## {VERSION}\n\n- No day.\n",
        f"{RELEASED}\n## {UNRELEASED}\n",
        f"{RELEASED}\n## 0.0.9 (2027-01-01)\n",
        RELEASED.replace("2026-12-01", "2026-13-01"),
    ],
)
def test_a_heading_that_is_none_is_refused(changelog: str) -> None:
    with pytest.raises(ValueError, match=r"##|month"):
        sections(changelog)


def test_only_what_is_committed_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        command = ("git", "-C", str(tmp_path), *identity, *arguments)
        subprocess.run(command, check=True, capture_output=True)

    (tmp_path / "CHANGELOG.md").write_text(RELEASED, encoding="utf-8")
    git("init", "--quiet")
    assert "CHANGELOG.md" in str(release.problem(tmp_path))
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    assert release.problem(tmp_path) is None
    monkeypatch.setattr(release, "HEAD", "9999")
    assert "no database of schema 9999" in str(release.problem(tmp_path))
    (tmp_path / "new").touch()
    assert "new" in str(release.problem(tmp_path))
