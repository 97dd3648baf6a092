"""The parts of answers tell of every member that the questions give them."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.prices import Price
from pricetrail.mcp import parts
from pricetrail.mcp.data import as_data
from pricetrail.queries.basis import BasisAnswer, Window
from tests.support.histories import at

SEEN = at("10:00")


@pytest.mark.parametrize(
    ("part", "given"),
    [
        (parts.Basis, BasisAnswer("s", 0, b"", None, None, None, "gap", "no good poll yet")),
        (
            parts.Basis,
            BasisAnswer("s", 1, bytes(32), SEEN, SEEN, SEEN, "observed", None, Window(SEEN, SEEN)),
        ),
        (parts.Price, Price("/pricing/text/prompt", "USD/token", Decimal("1e-7"))),
        (parts.Price, Price("/pricing/text/prompt", "USD/token", None, flagged="free")),
        (parts.Change, Change("/pricing/text/prompt", Decimal(1), Decimal(2))),
        (parts.Change, Change("/pricing/text/prompt", ABSENT, "free")),
        (parts.Change, Change("/note", None, ABSENT)),
    ],
)
def test_a_part_has_the_members_of_what_it_describes(
    part: type[BaseModel], given: BasisAnswer | Price | Change
) -> None:
    document = as_data(given.as_json())
    read = part.model_validate(document, strict=True)
    assert read.model_dump(by_alias=True, exclude_unset=True) == document
