"""Who is in which arm: a fixed function of experiment and person, without a memory.

A person's bucket never changes while an experiment lasts, and the challenger has the buckets below the share.
So raising the share moves people from control to the challenger only, lowering it the other way, and nobody
else. Buckets of two experiments are unrelated, since the experiment's ID is hashed, too.
"""

import hashlib
import uuid

from recommendations.experiments.models import Arm

BUCKETS = 10_000


def bucket_of(experiment_id: int, user_id: int) -> int:
    """From 0 to BUCKETS - 1, by SHA-256: the same in every process and on every machine."""
    digest = hashlib.sha256(f"experiment {experiment_id} user {user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def arm_of(experiment_id: int, user_id: int, *, share: float) -> Arm:
    """`share` of the challenger is from 0 to 1."""
    return Arm.CHALLENGER if bucket_of(experiment_id, user_id) < round(share * BUCKETS) else Arm.CONTROL


def is_shadowed(list_id: uuid.UUID, *, share: float) -> bool:
    """Whether this list is among the `share` of all that is computed with both versions; IDs are random."""
    return list_id.int % BUCKETS < round(share * BUCKETS)
