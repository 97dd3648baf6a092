"""Secrets that the database keeps: encrypted by a key that stands elsewhere (`sealed:…`).

The variable `PRICETRAIL_SECRET_KEYS` holds the keys, separated by commas, or says `file:PATH`: the
first encrypts, all decrypt, so that a key is exchanged without a moment at which nothing is read.
"""

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings.kinds import BadValueError
from pricetrail.settings.references import SEALED, MissingError, resolved

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

VARIABLE = "PRICETRAIL_SECRET_KEYS"
HOW_TO_MAKE = "a key is made by `openssl rand -base64 32`"
_BYTES = 32
_NEEDED = "needs pricetrail[encryption]: pip install '.[encryption]' in pricetrail's folder"


class KeysError(InvalidInputError):
    """The keys cannot be used; the text never repeats them."""


class Seals:
    """Encrypts and decrypts by the keys of the environment, which are read at first use.

    Args:
        folder: the configuration's, from which the path of `file:PATH` is taken.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ

    @property
    def are_there(self) -> bool:
        """Whether there is a key to encrypt with."""
        return bool(self._environ.get(VARIABLE))

    def sealed(self, plain: str) -> str:
        """A text as the database may keep it, encrypted by the first key.

        Raises:
            KeysError: there are no keys, or they cannot be used.
        """
        return SEALED + self._fernet().encrypt(plain.encode()).decode()

    def opened(self, sealed: str) -> str:
        """What was encrypted by any of the keys.

        Raises:
            MissingError: none of them decrypts it, or they cannot be used.
        """
        try:
            fernet = self._fernet()
        except KeysError as error:
            raise MissingError(f"is encrypted: {error}") from None
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - an extra, which is there

        try:
            return fernet.decrypt(sealed.removeprefix(SEALED).encode()).decode()
        except (InvalidToken, ValueError):
            raise MissingError(
                f"is encrypted by none of the keys in {VARIABLE}: add the one that it was, "
                "or give the secret anew"
            ) from None

    def is_newest(self, sealed: str) -> bool:
        """Whether it is encrypted by the first key."""
        try:
            Seals(self._folder, {VARIABLE: self._texts()[0]}).opened(sealed)
        except MissingError:
            return False
        return True

    def _fernet(self) -> "MultiFernet":
        return _fernet(self._texts())

    def _texts(self) -> tuple[str, ...]:
        given = self._environ.get(VARIABLE)
        if not given:
            raise KeysError(f"{VARIABLE} is not set: {HOW_TO_MAKE}")
        try:
            text = str(resolved(given, self._folder, self._environ))
        except BadValueError as error:
            raise KeysError(f"{VARIABLE}: {error.text}") from None
        return tuple(key.strip() for key in text.replace("\n", ",").split(",") if key.strip())


def opened(sealed: str, folder: Path, environ: Mapping[str, str]) -> str:
    """The secret of a sealed value.

    Raises:
        MissingError: as `Seals.opened`.
    """
    return Seals(folder, environ).opened(sealed)


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> "MultiFernet":
    try:
        # Only now: an extra, which only those need who keep secrets in the database.
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - see above
    except ModuleNotFoundError:
        raise KeysError(f"encryption {_NEEDED}") from None
    if not keys:
        raise KeysError(f"{VARIABLE} holds no key: {HOW_TO_MAKE}")
    return MultiFernet([Fernet(_key(number, key)) for number, key in enumerate(keys, 1)])


def _key(number: int, text: str) -> bytes:
    """A key in either alphabet of Base64."""
    try:
        key = base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _BYTES:
        raise KeysError(f"{VARIABLE}: entry {number} is no key of 32 bytes: {HOW_TO_MAKE}")
    return base64.urlsafe_b64encode(key)
