"""Tables of the configuration held to their shapes, in the words of where they were written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pricetrail.catalog.errors import PricetrailError
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.text.refusals import refusal

PREFIX = "PRICETRAIL_"

_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Where:
    """A table of the configuration, by its dotted name."""

    raw: Raw
    table: str

    def error(self, key: str, problem: str) -> PricetrailError:
        """The error of one key, in the words of where it was written."""
        if self.raw.from_file:
            return SettingsError(f"{self.raw.origin}: {self.table}.{key}: {problem}")
        return SettingsError(f"{self.raw.origin}: {self.variable(key)}: {problem}")

    def variable(self, key: str) -> str:
        """The environment's name of a key, where there is no file."""
        if key == "api_key":
            return "PIPELLM_API_KEY"
        if self.table != "web":
            return PREFIX + key.upper()
        return f"{PREFIX}WEB_TOKEN" if key.startswith("tokens") else f"{PREFIX}WEB_{key.upper()}"


def shaped(where: Where, shape: type[_Shape], table: dict[str, Any]) -> _Shape:
    """A table with each value in its type.

    Raises:
        SettingsError: names the first key that is unknown, missing or of a wrong type.
    """
    try:
        return shape.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # A number is the place in a list.
        key = ".".join(part for part in first["loc"] if isinstance(part, str))
        entry = "".join(f"entry {n + 1}: " for n in first["loc"] if isinstance(n, int))
        raise where.error(key, entry + _problem(first, key, shape)) from None


def _problem(error: Mapping[str, Any], key: str, shape: type[BaseModel]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key{near(key, shape.model_fields)}"
        case "missing":
            return f'is missing: write {key} = "env:NAME"'
    return refusal(error)


def near(key: str, known: Iterable[str], *, prefix: str = "") -> str:
    """What a misspelt key may have meant, or all that there are."""
    names = list(known)
    found = get_close_matches(key, names, n=1)
    if found:
        return f"; did you mean {prefix}{found[0]}?"
    return f"; there are: {', '.join(prefix + name for name in sorted(names))}"
