"""A table of the configuration, and what its keys are called in messages."""

from dataclasses import dataclass

from pricetrail.settings.files import Raw
from pricetrail.settings.problems import IN_DATABASE, Problem

PREFIX = "PRICETRAIL_"
KEY_VARIABLE = "PIPELLM_API_KEY"
_WEB = "web"


@dataclass(frozen=True, slots=True)
class Where:
    """A table: its section, and its name where the section has several.

    `origin`: where the table stands alone, outside of the file, with keys of short names.
    """

    raw: Raw
    section: str = ""
    name: str = ""
    origin: str = ""

    @classmethod
    def in_database(cls, raw: Raw, section: str, name: str) -> "Where":
        """What the database keeps of one, its references read as the configuration's are."""
        return cls(raw, section, name, f"{section.removesuffix('s')} {name}{IN_DATABASE}")

    def problem(self, key: str, text: str) -> Problem:
        """What is wrong with one key of it."""
        return Problem(self.origin or self.raw.origin, self.key(key), text, self.section, self.name)

    def key(self, key: str) -> str:
        """A key by its whole name: of the file, or the variable where there is no file."""
        if self.origin:
            return key
        if not self.raw.from_file:
            return self._variable(key)
        return ".".join(filter(None, (self.section, self.name, key)))

    def _variable(self, key: str) -> str:
        if key == "api_key":
            return KEY_VARIABLE
        if self.section != _WEB:
            return PREFIX + key.upper()
        return f"{PREFIX}WEB_TOKEN" if key.startswith("tokens") else f"{PREFIX}WEB_{key.upper()}"
