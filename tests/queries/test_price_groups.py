"""What groups are called."""

from pricetrail.queries.price_groups import group_name


def test_groups_are_named_by_their_place() -> None:
    assert group_name("/pricing/cache/read") == "cache"
    assert group_name("/pricing/tiers/over_200k/text/prompt") == "tiers.over_200k"
    assert group_name("/pricing/tiers/priority/over_200k/cache/read") == "tiers.priority.over_200k"
    assert group_name("/pricing/tiers/utc_1630_0030/native/web/search") == "tiers.utc_1630_0030"
    assert group_name("/pricing/generation/image/per_image") == "generation"
    assert group_name("/pricing/native/web_search") == "native"
    assert group_name("/pricing/strange") == "other"
