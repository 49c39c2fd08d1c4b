"""What an import did, file by file."""

from dataclasses import dataclass, field


@dataclass
class Counts:
    """Rows of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left_alone: int = 0  # of accounts that somebody logs in to

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged + self.left_alone

    def __str__(self) -> str:
        parts = [f"{self.created:,} created", f"{self.updated:,} updated", f"{self.unchanged:,} unchanged"]
        if self.left_alone:
            parts.append(f"{self.left_alone:,} left to the people who use these accounts")
        return ", ".join(parts)


@dataclass(frozen=True)
class FileReport:
    file: str
    counts: dict[str, Counts]  # by what the rows became: "movies", "users", "links", "ratings"
    skipped: int
    skipped_rows: tuple[str, ...]  # the first of them, each with file, line and field
    seconds: float

    def __str__(self) -> str:
        kinds = "; ".join(f"{kind}: {counts}" for kind, counts in self.counts.items())
        skipped = f"; {self.skipped:,} skipped" if self.skipped else ""
        return f"{self.file}: {kinds}{skipped} ({self.seconds:.1f} s)"


@dataclass
class ImportReport:
    format: str
    files: list[FileReport] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        return sum(file.skipped for file in self.files)

    @property
    def seconds(self) -> float:
        return sum(file.seconds for file in self.files)

    def counts(self, kind: str) -> Counts:
        """All rows of `kind`, which at most one file holds."""
        return next((file.counts[kind] for file in self.files if kind in file.counts), Counts())
