"""Changes, encoded and back."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Leaf
from pricetrail.storage.codecs import changes

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0~"), max_size=6)
PATHS = st.lists(KEYS.map(lambda key: key.replace("/", "~1")), min_size=1, max_size=3)
POINTERS = PATHS.map(lambda tokens: "/" + "/".join(tokens))
VALUES = st.none() | st.booleans() | KEYS | st.sampled_from(["0.5", "0", "-1"])


@given(
    st.lists(POINTERS | POINTERS.map(lambda pointer: "/pricing" + pointer), unique=True),
    st.data(),
)
def test_any_changes_come_back_as_they_were(paths: list[str], data: st.DataObject) -> None:
    several = [
        Change.from_json({"path": path, "old": data.draw(VALUES), "new": data.draw(VALUES)})
        for path in paths
    ]
    assert changes.decode(changes.encode(several)) == several


@pytest.mark.parametrize(
    ("old", "new"), [(ABSENT, "x"), (None, "x"), ("x", None), (None, ABSENT), (ABSENT, None)]
)
def test_which_side_was_absent_is_kept(old: Leaf | Absent, new: Leaf | Absent) -> None:
    change = Change("/note", old, new)
    assert changes.decode(changes.encode([change])) == [change]


def test_what_can_be_worked_out_is_not_stored() -> None:
    change = Change("/pricing/text/prompt", Decimal("0.3"), Decimal("0.2"))
    assert json.loads(changes.encode([change])) == {"text/prompt": ["0.3", "0.2"]}
