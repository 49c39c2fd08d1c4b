"""People who browse and rate, with the optional demographics of MovieLens."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserQuerySet(models.QuerySet["User"]):
    def leaving(self) -> Self:
        """Who asked for the deletion of their account; nothing of them may be shown or learned from."""
        return self.filter(deletion_requested_at__isnull=False)

    def staying(self) -> Self:
        return self.filter(deletion_requested_at=None)

    def past_grace_period(self) -> Self:
        """Who asked for it so long ago that it is time, and was not made active again since."""
        return self.filter(is_active=False, deletion_requested_at__lte=timezone.now() - grace_period())


class Users(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = False


def grace_period() -> timedelta:
    """How long one may come back after asking for the deletion of one's account."""
    return timedelta(days=settings.ACCOUNT_GRACE_DAYS)


class User(AbstractUser):
    class Gender(models.TextChoices):
        FEMALE = "F", _("female")
        MALE = "M", _("male")
        OTHER = "X", _("another")

    class AgeGroup(models.IntegerChoices):
        """The age groups of MovieLens 1M, each named by its lowest age (1 stands for under 18)."""

        UNDER_18 = 1, _("under 18")
        FROM_18 = 18, "18–24"
        FROM_25 = 25, "25–34"
        FROM_35 = 35, "35–44"
        FROM_45 = 45, "45–49"
        FROM_50 = 50, "50–55"
        FROM_56 = 56, _("56 and over")

    class Occupation(models.IntegerChoices):
        """The occupations of MovieLens 1M under their numbers there."""

        OTHER = 0, _("other")
        EDUCATOR = 1, _("academic or educator")
        ARTIST = 2, _("artist")
        CLERICAL = 3, _("clerical or administration")
        STUDENT = 4, _("college or graduate student")
        CUSTOMER_SERVICE = 5, _("customer service")
        HEALTH_CARE = 6, _("doctor or health care")
        EXECUTIVE = 7, _("executive or managerial")
        FARMER = 8, _("farmer")
        HOMEMAKER = 9, _("homemaker")
        PUPIL = 10, _("pupil")
        LAWYER = 11, _("lawyer")
        PROGRAMMER = 12, _("programmer")
        RETIRED = 13, _("retired")
        SALES = 14, _("sales or marketing")
        SCIENTIST = 15, _("scientist")
        SELF_EMPLOYED = 16, _("self-employed")
        ENGINEER = 17, _("technician or engineer")
        TRADESMAN = 18, _("tradesperson or craftsperson")
        UNEMPLOYED = 19, _("unemployed")
        WRITER = 20, _("writer")

    gender = models.CharField(_("gender"), max_length=1, choices=Gender, blank=True, default="")
    age_group = models.PositiveSmallIntegerField(_("age group"), choices=AgeGroup, null=True, blank=True)
    occupation = models.PositiveSmallIntegerField(_("occupation"), choices=Occupation, null=True, blank=True)
    zip_code = models.CharField(_("ZIP code"), max_length=10, blank=True, default="")
    movielens_id = models.PositiveBigIntegerField(
        _("MovieLens user number"), null=True, blank=True, unique=True, editable=False
    )
    deletion_requested_at = models.DateTimeField(
        _("deletion requested"),
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text=_("Inactive since then; deleted for good after the grace period."),
    )
    logged_out_at = models.DateTimeField(null=True, editable=False)  # everywhere: sessions of before are over

    objects: ClassVar[Users] = Users()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gender__in=["", "F", "M", "X"]), name="user_gender_known"
            ),
            models.CheckConstraint(
                condition=models.Q(age_group=None) | models.Q(age_group__in=[1, 18, 25, 35, 45, 50, 56]),
                name="user_age_group_known",
            ),
            models.CheckConstraint(
                condition=models.Q(occupation=None) | models.Q(occupation__range=(0, 20)),
                name="user_occupation_known",
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: another one with each password and log-out everywhere."""
        return f"{super().get_session_auth_hash()}{self.logged_out_at or ''}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same by each of SECRET_KEY_FALLBACKS."""
        for of_password in super().get_session_auth_fallback_hash():
            yield f"{of_password}{self.logged_out_at or ''}"

    @property
    def deletion_due_at(self) -> datetime | None:
        """When the account is deleted for good, if its deletion was requested."""
        return self.deletion_requested_at and self.deletion_requested_at + grace_period()

    @property
    def has_demographics(self) -> bool:
        return bool(self.gender or self.zip_code or self.age_group is not None or self.occupation is not None)
