"""The picture of the layers is what is held, and each word of the glossary is a thing there is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from pricetrail.storage.tables import metadata

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
_SVG = {"svg": "http://www.w3.org/2000/svg"}


def held_layers() -> list[list[str]]:
    """The layers of import-linter, from the top; the package's own modules by its name."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = [
        entry
        for entry in configuration["tool"]["importlinter"]["contracts"]
        if entry["type"] == "layers"
    ]
    _own, *layers = contract["layers"]
    return [["pricetrail"], *([name.strip() for name in layer.split("|")] for layer in layers)]


def groups() -> Iterator[ET.Element]:
    """What is drawn of each layer."""
    yield from ET.parse(DOCS / "layers.svg").iterfind(".//svg:g[@class='layer']", _SVG)


def drawn_layers() -> list[list[str]]:
    """The layers of the picture, from the top, those side by side from the left."""
    boxes: dict[float, list[tuple[float, str]]] = {}
    for group in groups():
        [box], names = group.findall("svg:rect", _SVG), group.findall("svg:text", _SVG)
        assert names[0].text == group.attrib["id"]
        boxes.setdefault(float(box.attrib["y"]), []).append(
            (float(box.attrib["x"]), group.attrib["id"])
        )
    return [[name for _, name in sorted(boxes[y])] for y in sorted(boxes)]


def test_the_picture_shows_the_layers_that_are_held() -> None:
    assert drawn_layers() == held_layers()


def test_the_picture_is_described_in_words_as_well() -> None:
    [described] = re.findall(r"!\[.*?From the top: (.*?)\.\]\(layers\.svg\)", PAGE)
    assert described == "; ".join(" and ".join(layer) for layer in held_layers())


def test_what_the_picture_calls_only_here_is_imported_only_there() -> None:
    libraries = {}
    for group in groups():
        note = "".join(text.text or "" for text in group.findall("svg:text[@class='only']", _SVG))
        if note.startswith("only here"):
            above = ["migrations"] if "above" in note else []
            for library in note.partition(": ")[2].lower().split(", "):
                libraries[library] = {group.attrib["id"], *above}
    assert len(libraries) > 6
    assert {library: _importers(library) for library in libraries} == libraries


def _importers(library: str) -> set[str]:
    folders = {layer for layers in held_layers() for layer in layers}
    importing = re.compile(rf"^ *(?:import|from) {library}\b", re.MULTILINE)
    return {
        folder
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if importing.search(path.read_text(encoding="utf-8"))
    }


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def test_every_room_has_its_row() -> None:
    listed = {room for row in rows("The rooms") for room in re.findall(r"`([\w/]+)/`", row[0])}
    folders = {layer for layers in held_layers() for layer in layers}
    inside = {
        path.parent.relative_to(ROOT).as_posix()
        for folder in folders - {"migrations"}
        for path in (ROOT / folder).glob("*/__init__.py")
        if not path.parent.is_symlink()
    }
    assert listed == folders | inside | {"tests", "benchmarks"}


def test_each_guarantee_names_where_it_is_kept_and_a_test() -> None:
    guarantees = list(rows("Where each guarantee is kept"))
    assert len(guarantees) > 20
    for guarantee, kept_in, held_by in guarantees:
        assert re.search(r"`[\w./-]+`", kept_in), guarantee
        assert re.search(r"`tests/[\w/]+/test_\w+\.py`|`tests/test_\w+\.py`", held_by), guarantee


def test_each_word_is_a_class_a_function_or_a_table() -> None:
    for word, _, kind in rows("Words"):
        tables = re.findall(r"table `(\w+)`", kind)
        code = re.findall(r"((?:`\w+`(?: and )?)+) \(`([\w/]+\.py)`\)", kind)
        assert tables or code, word
        assert set(tables) <= metadata.tables.keys(), word
        for names, file in code:
            text = (ROOT / file).read_text(encoding="utf-8")
            for name in re.findall(r"`(\w+)`", names):
                made = rf"(?m)^(?:class|def) {name}\b|^{name}\b.* = "
                assert re.search(made, text), name
