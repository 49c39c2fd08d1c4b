"""Who is at work on what only one process may do at a time."""

from django.db import models


class Lease(models.Model):
    """Who is at work on something that only one process may do at a time, and until when that holds."""

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    acquired_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.purpose} ({self.owner}, since {self.acquired_at:%H:%M:%S} UTC)"
