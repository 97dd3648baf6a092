"""Named tokens, of which only the hashes are kept."""

import pytest

from pricetrail.web.access.tokens import TokenError, Tokens

TEAM = "t0ken-of-the-team"


def test_whoever_has_a_token_is_known_by_its_name() -> None:
    tokens = Tokens({"team": TEAM, "grafana": "an0ther-token"})
    assert tokens.holder(TEAM) == "team"
    assert tokens.holder("an0ther-token") == "grafana"


@pytest.mark.parametrize(
    "wrong", ["", TEAM + " ", TEAM[:-1], TEAM.upper(), "tökén-of-the-team", "\udcff", "team"]
)
def test_anything_else_is_nobodys(wrong: str) -> None:
    assert Tokens({"team": TEAM}).holder(wrong) is None


def test_without_tokens_nobody_is_known() -> None:
    assert not Tokens()
    assert Tokens().holder("") is None


def test_a_token_itself_is_not_kept() -> None:
    assert TEAM not in repr(vars(Tokens({"team": TEAM})))


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("short", "8 characters"),
        ("with a space", "spaces"),
        ("tökén-of-us", "ASCII"),
        ("a\nb" * 4, "ASCII"),
    ],
)
def test_a_token_that_nobody_could_send_is_refused_without_being_shown(
    token: str, why: str
) -> None:
    with pytest.raises(TokenError, match=why) as refused:
        Tokens({"team": token})
    assert "web.tokens.team" in str(refused.value)
    assert token not in str(refused.value)


def test_tokens_are_the_same_where_everybody_has_the_same() -> None:
    same, others = Tokens({"team": TEAM}), [{"team": TEAM[::-1]}, {"us": TEAM}]
    assert same == Tokens({"team": TEAM})
    assert hash(same) == hash(Tokens({"team": TEAM}))
    assert same not in [Tokens(), *map(Tokens, others)]
