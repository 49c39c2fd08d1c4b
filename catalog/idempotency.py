"""Acts once for all requests of a user under one key, also if they come at the same moment.

The row under the key is inserted first, in the transaction that acts: a second request waits at the unique
constraint until the first has committed, and then finds its answer. A crash leaves neither row nor effect.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from catalog.deadlocks import again_after_deadlock
from catalog.models import IdempotentAnswer, User

MOST_KEPT = 100  # answers of one user; the oldest makes room


class KeyReused(Exception):
    """The key was used for another request."""


@dataclass(frozen=True)
class Answer:
    status_code: int
    body: Any
    replayed: bool = False


@again_after_deadlock
def answer_once(user: User, key: str, request: Any, act: Callable[[], Answer]) -> Answer:
    """What `act` answers, or what it answered `user` within the last day under `key`, if that is still kept.

    `request` is what was asked, as JSON. Raises KeyReused if it is another one than under the key before.
    """
    answers = IdempotentAnswer.objects.under(user, key)
    fingerprint = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        answers.expired().delete()
        try:
            with transaction.atomic():
                row = IdempotentAnswer.objects.create(
                    user=user, key_digest=IdempotentAnswer.digest_of(key), fingerprint=fingerprint
                )
        except IntegrityError:
            row = answers.get()
            if row.fingerprint != fingerprint:
                raise KeyReused from None
            return Answer(row.status_code, row.body, replayed=True)
        answer = act()
        row.status_code, row.body = answer.status_code, answer.body
        row.save(update_fields=["status_code", "body"])
        _make_room(user)
    return answer


def _make_room(user: User) -> None:
    """Without a limit, refused rows could fill the disk."""
    newest_first = IdempotentAnswer.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    IdempotentAnswer.objects.filter(pk__in=list(newest_first[MOST_KEPT:])).delete()


def forget_expired_answers() -> int:
    """How many answers were older than a day."""
    deleted, _by_model = IdempotentAnswer.objects.expired().delete()
    return deleted
