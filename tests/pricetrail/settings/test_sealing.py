"""Secrets that are kept encrypted: rotation by two keys, and what is said where none fits."""

import base64
import os
import sys
from pathlib import Path

import pytest

from pricetrail.settings.references import MissingError, resolved
from pricetrail.settings.sealing import VARIABLE, KeysError, Seals

HERE = Path()


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def seals(*keys: str) -> Seals:
    return Seals(HERE, {VARIABLE: ",".join(keys)})


def test_what_is_sealed_is_opened_wherever_a_reference_may_stand() -> None:
    newest = key()
    sealed = seals(newest).sealed("sk-1 Ω")
    assert sealed.startswith("sealed:")
    assert "sk-1" not in sealed
    environ = {VARIABLE: newest}
    assert resolved({"a": [sealed]}, HERE, environ) == {"a": ["sk-1 Ω"]}


def test_a_key_is_exchanged_while_both_are_there() -> None:
    old, new = key(), key()
    sealed = seals(old).sealed("sk-1")
    both = seals(new, old)
    assert both.opened(sealed) == "sk-1"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.sealed("sk-1"))
    assert seals(new).opened(both.sealed("sk-1")) == "sk-1"
    with pytest.raises(MissingError, match="by none of the keys in PRICETRAIL_SECRET_KEYS"):
        seals(new).opened(sealed)


def test_keys_may_stand_in_a_file_and_in_either_alphabet(tmp_path: Path) -> None:
    standard = base64.b64encode(b"\xfb\xff" * 16).decode()
    url_safe = standard.replace("+", "-").replace("/", "_")
    (tmp_path / "keys").write_text(f"{key()}\n{url_safe}\n", encoding="utf-8")
    sealed = seals(standard).sealed("sk-1")
    assert Seals(tmp_path, {VARIABLE: "file:keys"}).opened(sealed) == "sk-1"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "PRICETRAIL_SECRET_KEYS is not set: a key is made by `openssl rand -base64 32`"),
        (" , ", "holds no key"),
        ("secret-word", "entry 1 is no key of 32 bytes"),
        ("file:nowhere", "PRICETRAIL_SECRET_KEYS: cannot read nowhere"),
    ],
)
def test_keys_that_cannot_be_used_are_never_repeated(given: str, said: str) -> None:
    with pytest.raises(KeysError, match=said) as caught:
        seals(given).sealed("sk-1")
    assert "secret-word" not in str(caught.value)
    with pytest.raises(MissingError, match="is encrypted: "):
        seals(given).opened("sealed:abc")


def test_what_was_edited_is_not_opened() -> None:
    newest = key()
    sealed = seals(newest).sealed("sk-1")
    for broken in ("sealed:", "sealed:Ω", f"{sealed[:-6]}AAAA=="):
        with pytest.raises(MissingError, match="none of the keys"):
            seals(newest).opened(broken)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(KeysError, match=r"needs pricetrail\[encryption\]"):
        seals(key()).sealed("sk-1")
