"""Every forgery that we could think of: field by field, of the structure, of what is claimed."""

from decimal import Decimal
from typing import Any

from pricetrail.catalog.merkle import GENESIS, hash_text
from pricetrail.catalog.strict_json import dumps, loads
from tests.catalog.evidence.forging import (
    deep,
    digest,
    field,
    forgery,
    later,
    rechain,
    reprice,
    retime,
)

NOBODYS = "sha256:" + "ab" * 32
DAY = "2026-03-01T"

# Fields of the claim.
field("observed", "claim.at", DAY + "10:59:59.999Z")
field("observed", "claim.at", DAY + "10:59:59.9999999999Z")
field("observed", "claim.at", DAY + "11:30:00+01:00")
field("observed", "claim.at", DAY + "14:30:00Z")
field("observed", "claim.at", DAY + "11:30:00-02:45")
field("observed", "claim.at", "2026-03-01")
field("observed", "claim.at", DAY + "11:30:00")
field("observed", "claim.at", DAY + "11:30Z")
field("observed", "claim.at", DAY + "11:30:60Z")
field("observed", "claim.at", "2026-W09-7T11:30:00Z")
field("observed", "claim.at", 1772364600)
field("observed", "claim.at", None)
field("last", "claim.at", DAY + "15:59:59Z")
field("first", "claim.at", DAY + "09:59:59Z")
field("bracketed", "claim.at", DAY + "11:00:00Z")
field("bracketed", "claim.at", DAY + "09:00:00Z")
field("gap", "claim.at", DAY + "14:30:00Z")
field("gap", "claim.at", DAY + "11:30:00Z")
field("since the last poll", "claim.at", DAY + "16:30:00Z")
for word in ("certain", "", None, 1, True, ["observed"], "Observed", "observed "):
    field("observed", "claim.certainty", word)
field("bracketed", "claim.certainty", "observed")
field("gap", "claim.certainty", "observed")
field("since the last poll", "claim.certainty", "bracketed")
field("since the last poll", "claim.certainty", "observed")
field("observed", "claim.certainty", "bracketed")
field("observed", "claim.certainty", "gap")
field("observed", "claim.model", "odd")
field("observed", "claim.model", "gpt-5 ")
field("observed", "claim.source", "i")
field("observed", "claim.source", None)
for version in (1, 3, 0, -2, True, "2", Decimal("2.0"), 10**300, None):
    field("observed", "claim.snapshot.version", version)
field("first", "claim.snapshot.version", True)
for text in (NOBODYS, "", "sha256:", None, NOBODYS.upper(), NOBODYS[7:], 7):
    field("observed", "claim.snapshot.hash", text)
field("observed", "claim.snapshot", None)
field("observed", "claim.observed", None)
field("observed", "claim.observed.from", DAY + "10:30:00Z")
field("observed", "claim.observed.from", DAY + "11:45:00Z")
field("observed", "claim.observed.until", DAY + "12:00:00.001Z")
field("observed", "claim.observed.until", DAY + "11:00:00Z")
field("observed by two", "claim.observed.until", DAY + "13:00:00Z")
field("bracketed", "claim.observed.until", DAY + "10:10:00Z")
field("bracketed", "claim.observed.until", ...)
field("observed", "claim.pricing", None)
field("observed", "claim.pricing.text.prompt", "0.0000024")
field("observed", "claim.pricing.text.prompt", "0.0000025000000000000001")
field("observed", "claim.pricing.kind", "generation")
field("observed", "claim.pricing.cache", {"read": "0.1"})
field("observed", "claim.prices", [])
field("observed", "claim.prices", None)
field("observed", "claim.prices.0", ...)
field("observed", "claim.prices.0.amount", "0.00002")
field("observed", "claim.prices.0.amount", None)
field("observed", "claim.prices.0.path", "/pricing/text/cheap")
field("observed", "claim.prices.0.unit", "USD/image")
field("observed", "claim.prices.0.per", "1M")
field("gap", "claim.prices.0.unit", "USD/token")
field("gap", "claim.before", None)
field("gap", "claim.before", ...)
field("gap", "claim.before", {})
field("gap", "claim.before.at", DAY + "10:30:00Z")
field("gap", "claim.before.at", DAY + "13:45:00Z")
field("gap", "claim.before.version", 3)
field("gap", "claim.before.version", True)
field("gap", "claim.before.pricing", {})
field("gap", "claim.after.at", DAY + "13:59:00Z")
field("gap", "claim.after.at", DAY + "15:00:01Z")
field("gap", "claim.after.version", 4)
field("gap", "claim.after.prices", [])
field("bracketed", "claim.before.at", DAY + "09:00:00Z")
field("bracketed", "claim.before.at", DAY + "10:45:00Z")
field("bracketed", "claim.after", None)
field("bracketed", "claim.after", False)
field("bracketed", "claim.after.at", DAY + "12:30:00Z")
field("bracketed", "claim.after.version", 1)
field("bracketed", "claim.after.pricing.text.prompt", "0.000002")
field("gone", "claim.after.pricing", {"text": {"prompt": "1"}})
field("new", "claim.pricing", {"text": {"prompt": "1"}})
field("since the last poll", "claim.before.at", DAY + "15:30:00Z")

# Fields of the chain and of the proofs.
OTHER_KINDS: list[Any] = [..., None, 7, "x", [], {}, [None], deep(150)]
for name in ("format", "claim", "chain", "proofs"):
    for value in OTHER_KINDS:
        field("observed", name, value)
field("observed", "format", "pricetrail evidence 2")
for name in ("catalog_root", "body_hash", "head"):
    for text in (NOBODYS, "sha256:" + GENESIS.hex(), None, "", "sha256:abcd", 7):
        field("observed", f"chain.links.0.{name}", text)
field("observed", "chain.links", [])
field("observed", "chain.links.0", ...)
field("observed", "chain.links.1", ...)
field("observed", "chain.previous", NOBODYS)
field("first", "chain.previous", NOBODYS)
for version in (1, 3, True, "2", Decimal("2.0"), None):
    field("observed", "chain.links.0.version", version)
    field("observed", "proofs.0.version", version)
field("first", "proofs.0.version", True)
field("observed", "proofs.0.visible", False)
field("observed", "proofs.0.visible", 1)
field("observed", "proofs.0.visible", "true")
field("gone", "proofs.1.visible", True)
field("gone", "proofs.1.visible", 0)
field("gone", "proofs.1.models", [])
field("gone", "proofs.1.models.0.0", "m-00")
field("observed", "proofs", [])
field("observed", "proofs.0.merkle_path", [])
field("observed", "proofs.0.merkle_path.0", ...)
field("observed", "proofs.0.merkle_path.0.0", "up")
field("observed", "proofs.0.merkle_path.0.1", NOBODYS)
field("observed", "proofs.0.merkle_path.0.1", None)
field("observed", "proofs.0.document", "{}")
field("observed", "proofs.0.document", "[]")
field("observed", "proofs.0.document", "{")
field("observed", "proofs.0.document", '{"id":"gpt-5","id":"gpt-5"}')
field("observed", "proofs.0.document", '{"id":NaN}')
field("observed", "proofs.0.document", "[" * 5000)
field("bracketed", "proofs.1", ...)
field("observed by two", "proofs.1", ...)


@forgery("observed", "first", "last", "pruned")
def _cheaper_in_document_and_claim(bundle: Any) -> None:
    reprice(bundle, bundle["proofs"][0]["version"], "0.000000001")


@forgery("observed", "bracketed", "last", "imported", "since the last poll")
def _cheaper_and_everything_computed_anew(bundle: Any) -> None:
    reprice(bundle, bundle["proofs"][0]["version"], "0.000000001")
    rechain(bundle)


@forgery("bracketed", "observed by two", head=1)
def _a_later_version_under_an_earlier_head(bundle: Any) -> None:
    reprice(bundle, 2, "0.000000001")
    rechain(bundle)


@forgery("last", head=4)
def _what_an_earlier_head_does_not_reach(bundle: Any) -> None:
    """Nothing is changed: the claim is of a version after the head."""


@forgery("observed", head=1)
def _before_the_first_link(bundle: Any) -> None:
    """Nothing is changed: the head is the one that the chain begins with."""


@forgery("last", head=5)
def _a_version_made_up_after_the_head(bundle: Any) -> None:
    """The claim rests on a version that the head knows nothing of."""
    link = later(bundle, DAY + "17:00:00Z", DAY + "18:00:00Z")
    bundle["claim"]["snapshot"]["version"] = 6
    bundle["claim"]["at"] = bundle["claim"]["observed"]["from"] = DAY + "18:00:00Z"
    bundle["claim"]["observed"]["until"] = DAY + "19:00:00Z"
    bundle["proofs"][0]["version"] = 6
    bundle["chain"]["previous"] = bundle["chain"]["links"][0]["head"]
    bundle["chain"]["links"] = [link]
    reprice(bundle, 6, "0.000000001")
    rechain(bundle)


@forgery("bracketed")
def _observed_without_the_other_side(bundle: Any) -> None:
    claim = bundle["claim"]
    claim["certainty"] = "observed"
    claim["observed"]["until"] = DAY + "10:59:00Z"
    del claim["before"], claim["after"], claim["why"], bundle["proofs"][1]


@forgery("bracketed", "gone", "new")
def _observed_across_a_change(bundle: Any) -> None:
    claim = bundle["claim"]
    claim["certainty"] = "observed"
    claim["observed"]["until"] = claim["after"]["at"]
    del claim["before"], claim["after"], claim["why"]


@forgery("observed", "observed by two")
def _moved_past_the_next_version(bundle: Any) -> None:
    bundle["claim"]["at"] = DAY + "14:30:00Z"
    bundle["claim"]["observed"]["until"] = DAY + "14:45:00Z"


@forgery("observed by two")
def _observed_until_long_after(bundle: Any) -> None:
    bundle["claim"]["observed"]["until"] = DAY + "16:45:00Z"


@forgery("gap")
def _moved_past_what_came_after(bundle: Any) -> None:
    bundle["claim"]["at"] = DAY + "15:10:00Z"
    bundle["claim"]["after"]["at"] = DAY + "15:20:00Z"


@forgery("gap")
def _nothing_came_after(bundle: Any) -> None:
    bundle["claim"]["at"] = DAY + "16:30:00Z"
    bundle["claim"]["after"] = None
    del bundle["proofs"][1]


@forgery("observed")
def _links_in_another_order(bundle: Any) -> None:
    links = bundle["chain"]["links"]
    links[1], links[2] = links[2], links[1]


@forgery("observed")
def _links_in_another_order_computed_anew(bundle: Any) -> None:
    _links_in_another_order(bundle)
    rechain(bundle)


@forgery("observed")
def _the_next_link_left_out(bundle: Any) -> None:
    del bundle["chain"]["links"][1]
    bundle["claim"]["at"] = bundle["claim"]["observed"]["until"] = DAY + "14:30:00Z"


@forgery("observed")
def _the_next_link_left_out_and_computed_anew(bundle: Any) -> None:
    _the_next_link_left_out(bundle)
    for number, link in enumerate(bundle["chain"]["links"], 2):
        link["version"] = number
        link["metadata"] = dumps(loads(link["metadata"]) | {"version": number})
    rechain(bundle)


@forgery("observed")
def _a_link_twice(bundle: Any) -> None:
    bundle["chain"]["links"].insert(1, bundle["chain"]["links"][0])


@forgery("observed")
def _the_end_cut_off_before_the_head(bundle: Any) -> None:
    del bundle["chain"]["links"][1:]


@forgery("observed")
def _only_heads_changed_at_the_end(bundle: Any) -> None:
    later(bundle, DAY + "17:00:00Z", DAY + "18:00:00Z")


@forgery("observed")
def _seen_earlier(bundle: Any) -> None:
    retime(bundle, 0, not_after=DAY + "10:00:01Z")
    bundle["claim"]["at"] = bundle["claim"]["observed"]["from"] = DAY + "10:30:00Z"
    rechain(bundle)


@forgery("observed")
def _seen_longer(bundle: Any) -> None:
    retime(bundle, 1, not_before=DAY + "13:50:00Z")
    bundle["claim"]["at"] = bundle["claim"]["observed"]["until"] = DAY + "13:30:00Z"
    rechain(bundle)


@forgery("observed")
def _a_boundary_moved_between_metadata_and_root(bundle: Any) -> None:
    """The bytes that are hashed stay the same."""
    link = bundle["chain"]["links"][0]
    link["metadata"], rest = link["metadata"][:-1], link["metadata"][-1]
    link["catalog_root"] = "sha256:" + rest.encode().hex() + link["catalog_root"][7:]


@forgery("observed", "gone")
def _a_proof_twice(bundle: Any) -> None:
    bundle["proofs"].append(bundle["proofs"][-1])


@forgery("observed by two")
def _the_proof_of_one_version_for_another(bundle: Any) -> None:
    bundle["proofs"][1] = {**bundle["proofs"][0], "version": 2}


@forgery("gone", "gone in a gap")
def _absent_by_a_longer_name(bundle: Any) -> None:
    """A leaf is a name and 32 bytes: with 33, another name has the same leaf."""
    models = bundle["proofs"][1]["models"]
    name, hashed = models[0]
    models[0] = [name[:-1], "sha256:" + name[-1].encode().hex() + hashed[7:]]


@forgery("observed")
def _absent_by_the_tree_one_level_up(bundle: Any) -> None:
    """Inner nodes instead of leaves, so that the names are not seen."""
    proof, claim = bundle["proofs"][0], bundle["claim"]
    claim["pricing"], claim["prices"] = None, []
    nodes = [["", hashed] for _, hashed in proof["merkle_path"]]
    bundle["proofs"] = [{"version": proof["version"], "visible": False, "models": nodes}]


@forgery("gone")
def _one_model_left_out_of_all(bundle: Any) -> None:
    bundle["proofs"][1]["models"].pop()


@forgery("observed")
def _prices_hidden_in_the_snapshot(bundle: Any) -> None:
    """A checker that merges the two would look at the right price and show the wrong one."""
    claim = bundle["claim"]
    claim["snapshot"] |= {"pricing": claim["pricing"], "prices": claim["prices"]}
    claim["pricing"] = {"kind": "token", "text": {"prompt": "0", "completion": "0"}}


@forgery("observed")
def _prices_twice(bundle: Any) -> None:
    bundle["claim"]["prices"] += bundle["claim"]["prices"][:1]


@forgery("gap")
def _no_amount_as_an_amount(bundle: Any) -> None:
    flagged = next(entry for entry in bundle["claim"]["prices"] if "flagged" in entry)
    flagged["amount"] = flagged.pop("flagged")


@forgery("observed")
def _a_chain_of_ones_own(bundle: Any) -> None:
    bundle["chain"]["previous"] = hash_text(digest(NOBODYS))
    rechain(bundle)
