"""What a look at one thing found."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warn", "fail"]
OK: Verdict = "pass"
WARN: Verdict = "warn"
FAIL: Verdict = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, such as `key of pipellm`: how it is, and what to do if not.

    `text` names the remedy where there is one, and holds no secret.
    """

    check: str
    verdict: Verdict
    text: str

    def as_json(self) -> dict[str, object]:
        """One entry of `checks`."""
        return {"check": self.check, "verdict": self.verdict, "text": self.text}
