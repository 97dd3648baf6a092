"""The instructions of a Dockerfile, as far as ours uses them."""

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its lines joined: `RUN`, and what comes after it."""

    name: str
    rest: str

    def words(self) -> list[str]:
        """The rest as words, in the JSON form or the plain one."""
        words: list[str] = json.loads(self.rest) if self.rest[:1] == "[" else self.rest.split()
        return words

    def pairs(self) -> dict[str, str]:
        """The rest of `ENV`, `LABEL` and `ARG` as names and values."""
        found = re.findall(r'([\w.]+)=("[^"]*"|\S*)', self.rest)
        return {name: value.strip('"') for name, value in found}


def parse(text: str) -> list[Instruction]:
    """The instructions in their order, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages(instructions: list[Instruction]) -> list[list[Instruction]]:
    """The same, a list for each `FROM`; what comes before the first belongs to all."""
    found: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found
