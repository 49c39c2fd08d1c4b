"""The code blocks of the documentation: commands with the output that they show, and Python."""

import json
import re
from dataclasses import dataclass
from typing import Any

BLOCK = re.compile(r"^```(console|python|sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"  # what an example does not show


@dataclass(frozen=True)
class Call:
    command: str
    output: str  # as documented

    @property
    def documented(self) -> Any:
        """The documented JSON, with LEFT_OUT where something is left out, or None where none is shown."""
        try:
            return json.loads(with_marks(self.output[self.output.find("{") :] if "{" in self.output else ""))
        except ValueError:
            return None


def with_marks(text: str) -> str:
    """`text` with what LEFT_OUT stands for as JSON: a field of an object, or the other items of a list."""
    return re.sub(rf"{LEFT_OUT}(\s*\])?", lambda found: f'"{LEFT_OUT}"' + (found[1] or ": 0"), text)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of `language`, in order."""
    return [body for name, body in BLOCK.findall(text) if name == language]


def calls(block: str) -> list[Call]:
    """The commands of a console block: lines after "$ ", gone on with after a backslash."""
    found: list[Call] = []
    lines = iter(block.splitlines())
    command, output = "", []
    for line in lines:
        if not line.startswith("$ "):
            output.append(line)
            continue
        if command:
            found.append(Call(command, "\n".join(output)))
        command, output = line.removeprefix("$ "), []
        while command.endswith("\\"):
            command = command[:-1] + next(lines).strip()
    return [*found, Call(command, "\n".join(output))]
