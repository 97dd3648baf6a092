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


def drawn_layers() -> list[list[str]]:
    """The layers of the picture, from the top, those side by side from the left."""
    boxes: dict[float, list[tuple[float, str]]] = {}
    for group in ET.parse(DOCS / "layers.svg").iterfind(".//svg:g[@class='layer']", _SVG):
        [box], names = group.findall("svg:rect", _SVG), group.findall("svg:text", _SVG)
        assert names[0].text == group.attrib["id"]
        boxes.setdefault(float(box.attrib["y"]), []).append(
            (float(box.attrib["x"]), group.attrib["id"])
        )
    return [[name for _, name in sorted(boxes[y])] for y in sorted(boxes)]


def test_the_picture_shows_the_layers_that_are_held() -> None:
    assert drawn_layers() == held_layers()


def test_the_picture_is_told_in_words_as_well() -> None:
    [told] = re.findall(r"!\[.*?From the top: (.*?)\.\]\(layers\.svg\)", PAGE)
    assert told == "; ".join(" and ".join(layer) for layer in held_layers())


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
    for word, _, thing in rows("Words"):
        tables = re.findall(r"table `(\w+)`", thing)
        code = re.findall(r"((?:`\w+`(?: and )?)+) \(`([\w/]+\.py)`\)", thing)
        assert tables or code, word
        assert set(tables) <= metadata.tables.keys(), word
        for names, file in code:
            text = (ROOT / file).read_text(encoding="utf-8")
            for name in re.findall(r"`(\w+)`", names):
                made = rf"(?m)^(?:class|def) {name}\b|^{name}\b.* = "
                assert re.search(made, text), name
