"""The database's webhooks beside the configuration's: read alike, the file's first."""

from pathlib import Path

from pricetrail.settings.files import Raw
from pricetrail.settings.kept_webhooks import in_both, with_kept
from pricetrail.settings.loading import Settings, read

FILE = {
    "sources": {"s": {"api_key": "k", "labels": {"team": "search"}}},
    "webhooks": {"w": {"url": "https://r.example/w"}},
}


def settings() -> Settings:
    return read(Raw("p.toml", FILE, Path(), from_file=True), {})


def test_without_any_the_configuration_stays_the_same() -> None:
    own = settings()
    assert with_kept(own, {}, {}, secrets=True) is own
    assert with_kept(own, {"w": "{}"}, {}, secrets=True) is own
    [twice] = in_both(own, ["w", "k"])
    assert str(twice) == (
        "p.toml: webhooks.w: is in the database as well: this one holds; `pricetrail webhooks "
        "remove w` drops the other"
    )


def test_one_is_read_as_a_file_s_and_knows_the_labels() -> None:
    text = '{"models":["a*"],"url":"env:U"}'
    found = with_kept(settings(), {"k": text}, {"U": "https://r.example/k"}, secrets=True)
    assert (list(found.webhooks), found.problems) == (["w", "k"], ())
    hook = found.get_webhook("k")
    assert (hook.url, hook.models) == ("https://r.example/k", ("a*",))
    assert hook.labels == {"s": {"team": "search"}}
    assert found.written("k") == {"models": ["a*"], "url": "env:U"}


def test_what_is_wrong_with_one_is_its_fault_and_no_other_s() -> None:
    kept = {"a": '{"url":"env:U"}', "b": "[]", "c": '{"url":"env:U","hue":1}'}
    found = with_kept(settings(), kept, {}, secrets=True)
    assert [bool(hook.faults) for hook in found.webhooks.values()] == [False, True, True, True]
    assert [it.name for it in found.problems] == ["a", "b", "c", "c"]
    assert found.webhooks["b"].faults == (
        "webhook b in the database: cannot be read: `pricetrail webhooks remove b`, then add it",
    )
    # Whoever sends nothing needs no secret.
    assert [it.name for it in with_kept(settings(), kept, {}, secrets=False).problems] == ["b", "c"]
