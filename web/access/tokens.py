"""Named tokens, of which only the hashes are kept."""

import hashlib
import hmac
from collections.abc import Mapping

from pricetrail.catalog.errors import InvalidInputError

MIN_LENGTH = 8
_REMEDY = "make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


class TokenError(InvalidInputError):
    """A token cannot be used; `name` is the one, `problem` what is wrong, without its value."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"web.tokens.{name}: {problem}")
        self.name = name
        self.problem = problem


class Tokens:
    """Who may ask.

    Args:
        named: each token by the name of who has it; taking one away shuts its holder out.

    Raises:
        TokenError: a token is too short, or is no printable ASCII.
    """

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        self._hashes = {name: _hash(_checked(name, token)) for name, token in (named or {}).items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokens) and self._hashes == other._hashes

    def __hash__(self) -> int:
        return hash(frozenset(self._hashes.items()))

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def holder(self, token: str) -> str | None:
        """Whose token this is, found in a time that tells nothing of it; None where nobody's."""
        given = _hash(token)
        found = None
        for name, known in self._hashes.items():
            if hmac.compare_digest(given, known):
                found = name
        return found

    def key(self, name: str) -> bytes | None:
        """What signs the sessions of a holder, gone with the token; None where there is none."""
        known = self._hashes.get(name)
        return None if known is None else hashlib.sha256(b"pricetrail session" + known).digest()


def _checked(name: str, token: str) -> str:
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise TokenError(name, f"must be printable ASCII without spaces; {_REMEDY}")
    if len(token) < MIN_LENGTH:
        raise TokenError(name, f"must have {MIN_LENGTH} characters or more; {_REMEDY}")
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
