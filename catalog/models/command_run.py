"""What management commands changed: the part of the audit log that the panel cannot write."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CommandRun(models.Model):
    """Written by `catalog.management.logged` when a command that changes something has ended."""

    command = models.CharField(_("command"), max_length=60)
    options = models.JSONField(_("options"), default=dict)
    account = models.CharField(_("account"), max_length=60, blank=True)  # of the operating system
    began_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), default=timezone.now, db_index=True)
    failure = models.TextField(_("failure"), blank=True)  # empty: it did what it should

    class Meta:
        ordering = ("-ended_at", "-pk")
        verbose_name = _("management command")
        verbose_name_plural = _("management commands")

    def __str__(self) -> str:
        return self.command
