"""Whatever a page names is there: files, links and their headings, commands, methods."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.client import Prices
from pricetrail.commands.registry import GROUPS, REGISTRY
from pricetrail.settings.keys import SOURCE, WEB_KEYS, WEBHOOK, Keys

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    )
)
_MADE = ("build", "dist")
_FOLDERS = "|".join(
    sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in _MADE)
)
# From the top of the repository; `NAME` stands for whatever the reader calls theirs.
_PATH = re.compile(
    rf"(?<![\w./-])(?:{_FOLDERS})/(?:[\w./-]+\.(?:py|md|svg|png|mako)\b|(?:[\w-]+/)*)"
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def paths_in(text: str) -> set[str]:
    return {path for path in _PATH.findall(text) if "NAME" not in path}


def test_a_path_is_seen_wherever_it_stands() -> None:
    text = "`net/ssrf.py`, pytest tests/docs/test_pages.py -k x, (storage/codecs/), alerts/NAME.py"
    assert paths_in(text) == {"net/ssrf.py", "tests/docs/test_pages.py", "storage/codecs/"}
    assert paths_in("`/pricing/text/prompt` https://example.com/docs/a.md text/prompt") == {"text/"}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    assert [path for path in sorted(paths_in(text_of(page))) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    for link in _LINK.findall(_CODE.sub("", text_of(page))):
        if "://" in link:
            continue
        file, _, heading = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), link
        if heading:
            assert heading in set(anchors(target.read_text(encoding="utf-8"))), link


def anchors(text: str) -> Iterator[str]:
    """What a page's headings are linked by on GitHub."""
    for heading in re.findall(r"^#+ (.+)$", _CODE.sub("", text), re.MULTILINE):
        words = re.sub(r"[^\w\s-]", "", heading.lower())
        yield words.replace(" ", "-")


def test_every_command_is_listed_under_its_group() -> None:
    parts = re.split(r"^## (.+)$", text_of("docs/commands.md"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert [name for name in sections if name in GROUPS] == list(GROUPS)
    for entry in REGISTRY:
        assert f"`pricetrail {entry.name}" in sections[entry.group], entry.name


def test_every_method_for_python_callers_is_listed_with_its_arguments() -> None:
    listed = re.findall(r"^\| `(\w+\(.*?\))` \|", text_of("docs/python.md"), re.MULTILINE)
    methods = {
        name: inspect.signature(method)
        for name, method in inspect.getmembers(Prices, inspect.isfunction)
        if not name.startswith("_") and name != "close"
    }
    assert sorted(listed) == sorted(f"{name}({_arguments(of)})" for name, of in methods.items())


def _arguments(signature: inspect.Signature) -> str:
    parameters = list(signature.parameters.values())[1:]
    return ", ".join(
        name.name if name.default is name.empty else f"{name.name}={name.default!r}"
        for name in parameters
    )


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = {"README.md"}, ["README.md"]
    while waiting:
        page = waiting.pop()
        for link in _LINK.findall(text_of(page)):
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
            if name in PAGES and name not in reached:
                reached.add(name)
                waiting.append(name)
    assert sorted(reached) == PAGES


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("[sources.NAME]", SOURCE),
        ("[web]", WEB_KEYS),
        ("[webhooks.NAME]", WEBHOOK),
    ],
)
def test_every_key_of_the_configuration_is_listed(heading: str, table: Keys) -> None:
    section = text_of("docs/configuration.md").partition(f"\n## `{heading}`\n")[2]
    cells = re.findall(r"^\| (`[^|]*`) \|", section.partition("\n## ")[0], re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(cells)) == list(table)
