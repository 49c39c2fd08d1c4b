"""What becomes of rows that cannot be imported: the first ends the import, or all are skipped and told."""

from dataclasses import dataclass, field

from catalog.movielens.errors import ImportRejected

LISTED = 20  # of each file; the others are only counted


@dataclass
class Rejections:
    """The rows of one file that were skipped."""

    file: str
    skip: bool  # otherwise the first one raises ImportRejected
    count: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, line: int, problem: object) -> None:
        message = f"{self.file} line {line}: {problem}"
        if not self.skip:
            raise ImportRejected(message)
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(message)
