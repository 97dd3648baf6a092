"""The output schemas tell of every member that an answer has."""

from decimal import Decimal

from pricetrail.mcp.tools import TOOLS
from tests.pricetrail.mcp.asking import Asked
from tests.support.histories import build, catalog, model, tokens

ASKED: dict[str, list[dict[str, object]]] = {
    "price": [
        {"model": "odd"},
        {"model": "gpt-5", "at": "2026-03-01T02:30:00Z"},
        {"model": "gpt-5", "at": "2026-03-01T05:30:00Z"},
        {"model": "gpt-5", "at": "2026-03-01T20:00:00Z"},
        {"model": "odd", "at": "2026-03-09"},
    ],
    "models": [{}, {"limit": 1}],
    "history": [{"model": "odd"}, {"model": "gpt-5", "limit": 2}],
    "compare": [{"model": "odd"}, {"model": "gpt-5", "at": "2026-03-01T05:30:00Z"}],
    "diff": [{"from": "baseline"}, {"from": "latest", "to": "baseline", "limit": 3}],
    "events": [{}, {"limit": 2}],
    "snapshots": [{}],
    "coverage": [{}],
    "verify": [{}, {"head": f"7:sha256:{'0' * 64}"}],
    "head": [{}],
    "sources": [{}],
}


def odd(price: object, note: object) -> dict[str, object]:
    return model("odd", tokens("0.000001", "-1", audio={"per_song": price}), note=note)


def test_no_member_of_an_answer_is_left_untold(asked: Asked) -> None:
    days = enumerate([odd("0.5", None), odd("free", Decimal("0.5")), odd(None, [1])], 2)
    build(asked.app.database(), "s", [(f"2026-03-0{day}", catalog(one)) for day, one in days])
    assert set(ASKED) == {tool.name for tool in TOOLS}
    for tool in TOOLS:
        for arguments in ASKED[tool.name]:
            answer = asked.answer(tool.name, **arguments)
            read = tool.shape.model_validate(answer, strict=True)
            # What the shape does not know would be missing.
            assert read.model_dump(by_alias=True, exclude_unset=True) == answer, tool.name
