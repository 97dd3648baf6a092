"""Every amount of five gateways' lists, against the JSON text; and no reprice that is none."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import catalogs
from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.documents import Document
from pricetrail.catalog.events import REPRICED
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.catalog.versions import VersionDraft, build_version
from tests.oracles import native_lists
from tests.oracles.native_lists import NAMES, Observation, to_twelve

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "dialects" / "how-exact.md"
_NOW = datetime(2026, 3, 1, tzinfo=UTC)

Lists = dict[str, list[Observation]]


def figures(name: str, table: int) -> list[int]:
    """What a table of the page says was counted in a gateway's lists."""
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    row = [row for row in rows if row.startswith(f"| [{name}]")][table]
    return [int(cell.replace(",", "")) for cell in row.strip("| ").split("|")[1:]]


@pytest.fixture(scope="module")
def lists(shared_data: Path) -> Lists:
    return {name: list(native_lists.observations(shared_data, name)) for name in NAMES}


def documents(name: str, text: str) -> list[Document]:
    return [entry.document for entry in get_dialect(name).read(loads(text)).entries]


def found(document: Document) -> native_lists.Amounts:
    """The prices of a document, exact; a text where there is no amount."""
    leaves = dict(_leaves(document.get("pricing", {}), ""))
    leaves.pop("kind", None)
    return {path: _exact(text) for path, text in leaves.items()}


def _exact(text: str) -> Fraction | str:
    number = native_lists.fraction(text)
    return text if number is None else number


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    for key, member in value.items():
        if isinstance(member, dict):
            yield from _leaves(member, f"{path}{key}.")
        else:
            yield f"{path}{key}", member


@pytest.mark.parametrize("name", NAMES)
def test_every_amount_of_every_observation_is_that_of_the_text(lists: Lists, name: str) -> None:
    checked: dict[str, int] = {}
    in_floats: dict[str, int] = {}
    for observation in lists[name]:
        for text in observation.entries.values():
            if text not in checked:
                [document] = documents(name, f"[{text}]")
                expected = native_lists.amounts(name, native_lists.parsed(text))
                assert found(document) == expected, text
                checked[text] = len(expected)
                in_floats[text] = native_lists.wrong_in_floats(name, native_lists.parsed(text))

    texts = [text for observation in lists[name] for text in observation.entries.values()]
    sums = [sum(each[text] for text in texts) for each in (checked, in_floats)]
    assert figures(name, 0) == [len(lists[name]), len(texts), *sums]


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_list_is_read_as_its_entries_are(lists: Lists, name: str) -> None:
    for observation in (lists[name][0], lists[name][-1]):
        whole = documents(name, observation.payload)

        assert [document["id"] for document in whole] == list(observation.entries)
        assert whole == [
            document
            for text in observation.entries.values()
            for document in documents(name, f"[{text}]")
        ]


def test_no_text_of_openrouter_is_altered(lists: Lists) -> None:
    texts = {text for observation in lists["openrouter"] for text in observation.entries.values()}
    for text in texts:
        served = set(native_lists.parsed(text)["pricing"].values())
        [document] = documents("openrouter", f"[{text}]")
        kept = dict(_leaves(document["pricing"], ""))
        assert {leaf for path, leaf in kept.items() if path != "kind"} <= served


def catalog(models: list[Document]) -> Catalog:
    body = dumps({"object": "list", "data": models, "total": len(models)})
    return catalogs.read(body.encode())


def repriced(before: list[Document], after: list[Document]) -> set[str]:
    """The models that a new version says were repriced."""
    draft = VersionDraft("s", 2, bytes(32), _NOW, _NOW, baseline=False)
    version = build_version(draft, catalog(before), catalog(after), bytes(32), frozenset())
    return {str(event.model) for event in version.events if event.type == REPRICED}


def plain(name: str, text: str) -> dict[str, str]:
    """What a plain reader takes for prices: each leaf as it is written."""
    entry = native_lists.pricing(name, native_lists.parsed(text))
    return {path: leaf for path, leaf in _leaves(entry, "") if leaf is not None}


def _is_amount(leaf: str | None) -> bool:
    return leaf is not None and native_lists.fraction(leaf) is not None


def same(old: str | None, new: str | None) -> bool:
    """Whether two leaves say the same: equal to twelve digits, 0 or prose and nothing."""
    was, now = (None if leaf is None else native_lists.fraction(leaf) for leaf in (old, new))
    if not was or not now:
        return not was and not now
    return to_twelve(was) == to_twelve(now)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_plain_reader_tells_besides_is_no_reprice(lists: Lists, name: str) -> None:
    ours, noise, none = 0, 0, 0
    for old, new in pairwise(lists[name]):
        moved = [
            model
            for model, text in new.entries.items()
            if model in old.entries and old.entries[model] != text
        ]
        before, after = (
            {model: observation.entries[model] for model in moved} for observation in (old, new)
        )
        told = repriced(
            *(documents(name, f"[{','.join(texts.values())}]") for texts in (before, after))
        )
        for model in moved:
            was, now = plain(name, before[model]), plain(name, after[model])
            changed = [path for path in was.keys() | now if was.get(path) != now.get(path)]
            if model in told:
                assert changed, model
                ours += 1
            elif changed:
                pairs = [(was.get(path), now.get(path)) for path in changed]
                assert all(same(*pair) for pair in pairs), (model, pairs)
                noisy = any(_is_amount(old) and _is_amount(new) for old, new in pairs)
                noise, none = noise + noisy, none + (not noisy)

    assert figures(name, 1) == [ours, noise, none]


# What a list may write for the same amount: shorter, longer, or through a binary float.
_amounts = st.integers(10**11, 10**12 - 2).filter(lambda whole: whole % 10 != 9)


def _float_text(whole: int, exponent: int) -> str:
    return repr(float(f"{whole}e{exponent}") * 3 / 3)


def _listed(name: str, text: str) -> list[Document]:
    fields = {"openrouter": "pricing", "together": "pricing", "deepinfra": "metadata"}
    prices = {
        "openrouter": f'{{"prompt": "{text}"}}',
        "together": f'{{"input": {text}}}',
        "deepinfra": f'{{"pricing": {{"input_tokens": {text}}}}}',
    }
    return documents(name, f'[{{"id": "m", "{fields[name]}": {prices[name]}}}]')


@given(st.sampled_from(["openrouter", "together", "deepinfra"]), _amounts, st.integers(-14, -9))
def test_noise_is_no_reprice_and_the_twelfth_digit_is_one(
    name: str, whole: int, exponent: int
) -> None:
    exact = format(Decimal(f"{whole}e{exponent}"), "f")
    once, again, other = (
        _listed(name, text)
        for text in (exact, _float_text(whole, exponent), _float_text(whole + 1, exponent))
    )

    assert repriced(once, again) == set()
    assert repriced(once, other) == {"m"} == repriced(again, other)
