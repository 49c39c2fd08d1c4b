"""The code blocks of the documentation: commands with the output that they show, and Python."""

import json
import re
from dataclasses import dataclass
from typing import Any

BLOCK = re.compile(r"^```(console|python|sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = re.compile(r",? ?…")  # what an example does not show


@dataclass(frozen=True)
class Call:
    command: str
    output: str  # as documented

    @property
    def documented(self) -> Any:
        """The documented JSON, or None where none is shown."""
        text = LEFT_OUT.sub("", self.output[self.output.find("{") :] if "{" in self.output else "")
        try:
            return json.loads(text)
        except ValueError:
            return None


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
