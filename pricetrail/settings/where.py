"""A table of the configuration, and what its keys are called in messages."""

from dataclasses import dataclass

from pricetrail.settings.files import Raw
from pricetrail.settings.problems import Problem

PREFIX = "PRICETRAIL_"
KEY_VARIABLE = "PIPELLM_API_KEY"
_WEB = "web"


@dataclass(frozen=True, slots=True)
class Where:
    """A table: its section, and its name where the section has several."""

    raw: Raw
    section: str = ""
    name: str = ""

    def problem(self, key: str, text: str) -> Problem:
        """What is wrong with one key of it."""
        return Problem(self.raw.origin, self.key(key), text, self.section, self.name)

    def key(self, key: str) -> str:
        """A key by its whole name: of the file, or the variable where there is no file."""
        if not self.raw.from_file:
            return self._variable(key)
        return ".".join(filter(None, (self.section, self.name, key)))

    def _variable(self, key: str) -> str:
        if key == "api_key":
            return KEY_VARIABLE
        if self.section != _WEB:
            return PREFIX + key.upper()
        return f"{PREFIX}WEB_TOKEN" if key.startswith("tokens") else f"{PREFIX}WEB_{key.upper()}"
