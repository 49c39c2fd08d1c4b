"""Answers that are given again to a request that is sent again under the same key."""

import hashlib
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT = timedelta(hours=24)


class IdempotentAnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def under(self, user: "models.Model", key: str) -> Self:
        return self.filter(user=user, key_digest=IdempotentAnswer.digest_of(key))

    def expired(self) -> Self:
        return self.filter(created_at__lte=timezone.now() - KEPT)


class IdempotentAnswer(models.Model):
    """What one user was answered under one key. Written in the transaction of what was done for it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key_digest = models.CharField(max_length=64)  # databases compare the key itself without its case
    fingerprint = models.CharField(max_length=64)  # of the request
    status_code = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotentAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key_digest"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"answer {self.status_code} to user {self.user_id}"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()
