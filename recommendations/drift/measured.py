"""One measure of drift as it was taken."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measured:
    """`value` is None where there is too little to judge by, or nothing to compare with."""

    value: float | None
    sample: int  # of how many ratings, lists, people or movies
    detail: dict[str, float] = field(default_factory=dict)
