"""Kinds of users, by which accuracy is told apart, so that nobody is served badly unseen."""

from collections.abc import Callable, Sequence

from .data import UserInput

LIGHT, HEAVY = 50, 200  # ratings: fewer than the first, or at least the second
FEW = 50  # users: a segment with fewer says little

KINDS: dict[str, Callable[[UserInput], str]] = {
    "history": lambda user: _history(len(user.movie_ids)),
    "gender": lambda user: user.gender or "not given",
    "age group": lambda user: "not given" if user.age_group is None else str(user.age_group),
}


def segments(users: Sequence[UserInput]) -> list[tuple[str, str, list[int]]]:
    """Kind, name and the places of its users, of each segment; a kind that all share is left out."""
    found = []
    for kind, segment_of in KINDS.items():
        members: dict[str, list[int]] = {}
        for place, user in enumerate(users):
            members.setdefault(segment_of(user), []).append(place)
        if len(members) > 1:
            found += [(kind, name, members[name]) for name in sorted(members, key=_place)]
    return found


def _history(ratings: int) -> str:
    if ratings < LIGHT:
        return f"light (under {LIGHT})"
    return f"medium ({LIGHT} to {HEAVY - 1})" if ratings < HEAVY else f"heavy ({HEAVY} and more)"


def _place(name: str) -> tuple[int, int, str]:
    """Light before medium before heavy, numbers by size, then the others."""
    histories = ("light", "medium", "heavy")
    first = next((place for place, word in enumerate(histories) if name.startswith(word)), len(histories))
    return first, int(name) if name.isdigit() else 10**6, name
