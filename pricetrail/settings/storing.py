"""A table of settings as the database keeps it: JSON that says the same whoever wrote it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pricetrail.settings import kinds
from pricetrail.settings.keys import Key, Keys
from pricetrail.settings.references import MissingError, is_reference, is_sealed, resolved
from pricetrail.settings.sealing import HOW_TO_MAKE, VARIABLE, KeysError, Seals
from pricetrail.settings.where import Where

# Addresses that are a secret only where they hold one.
_OPEN_ADDRESSES = ("url", "proxy")
# A query, a password or a fragment; wherever it stands, for the address may be none.
_OF_SECRETS = "?@#"
_PLAIN = (
    "would be kept in plain text: write env:NAME or file:PATH, or set "
    f"{VARIABLE}, so that it is encrypted; {HOW_TO_MAKE}"
)


class Storing:
    """Makes tables fit to be kept: secrets are encrypted, and values written in one way.

    Labels are kept as they are, not as references: whoever looks for them reads them alone.

    Args:
        folder: the configuration's, from which the paths of `file:PATH` are taken.
    """

    def __init__(self, keys: Keys, folder: Path, environ: Mapping[str, str]) -> None:
        self._keys = keys
        self._folder = folder
        self._environ = environ
        self._seals = Seals(folder, environ)

    def table(
        self,
        where: Where,
        written: Mapping[str, object],
        before: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """A sound table as it is to be kept.

        Args:
            before: what is kept now; a secret of it that is the same stays as it was encrypted.

        Raises:
            UnkeepableError: a secret in plain text, and nothing to encrypt it with.
        """
        old = before or {}
        return {key: self._value(where, key, written[key], old.get(key)) for key in sorted(written)}

    def _value(self, where: Where, key: str, value: object, before: object) -> object:
        wanted = self._keys[key]
        if is_secret(key, wanted, value):
            return self._secret(where, key, value, before)
        if wanted.kind is kinds.labels:
            return dict(kinds.labels(resolved(value, self._folder, self._environ)))
        return _in_one_way(wanted, value)

    def _secret(self, where: Where, key: str, value: object, before: object) -> object:
        if isinstance(value, list | tuple):
            olds = before if isinstance(before, list) else []
            olds = [*olds, *[None] * (len(value) - len(olds))]
            pairs = zip(value, olds, strict=False)
            return [self._secret(where, key, one, old) for one, old in pairs]
        if is_reference(value) or is_sealed(value):
            return value
        try:
            if is_sealed(before) and self._seals.opened(before) == value:
                return before
        except MissingError:
            pass  # encrypted by a key that is gone: it is encrypted anew
        if not self._seals.are_there:
            raise UnkeepableError(where, key, _PLAIN)
        try:
            return self._seals.sealed(str(value))
        except KeysError as error:
            raise UnkeepableError(where, key, f"cannot be encrypted: {error}") from None


class UnkeepableError(ValueError):
    """A value that the database may not keep as it is; `where`, `key` and `text` say which."""

    def __init__(self, where: Where, key: str, text: str) -> None:
        super().__init__(text)
        self.where, self.key, self.text = where, key, text


def as_text(table: Mapping[str, object]) -> str:
    """A table as JSON; equal ones are equal texts."""
    return json.dumps(table, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def is_secret(key: str, wanted: Key, value: object) -> bool:
    """Whether a value is a secret as a whole: a source's address is one where it holds one."""
    if not wanted.secret:
        return False
    if key not in _OPEN_ADDRESSES or wanted.required or is_reference(value) or is_sealed(value):
        return True
    return any(sign in str(value) for sign in _OF_SECRETS)


def _in_one_way(wanted: Key, value: object) -> object:
    """A value, which is sound, as it is written whether it came from TOML, CSV or an option."""
    if is_reference(value) or is_sealed(value):
        return value
    make = _WAYS.get(wanted.kind)
    return value if make is None else make(value)


def _size(value: object) -> object:
    return int(str(value)) if str(value).isdigit() else value


_WAYS: dict[Callable[[object], object], Callable[[object], object]] = {
    kinds.whole: kinds.whole,
    kinds.switch: kinds.switch,
    kinds.amount: lambda value: str(kinds.amount(value)),
    kinds.names: lambda value: list(kinds.names(value)),
    kinds.size: _size,
}
