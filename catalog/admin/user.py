from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.long_tables import BoundedPaginator
from catalog.models import AccessToken, Rating, User
from catalog.tokens import revoke_tokens


class NewPasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        """A new password ends what the old one began, and so does having none any more."""
        user: User = super().save(commit)
        revoke_tokens(user)
        return user


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    change_password_form = NewPasswordForm
    list_display = (
        "username",
        "email",
        "rating_count",
        "gender",
        "age_group",
        "is_active",
        "is_staff",
        "date_joined",
    )
    list_filter = ("is_staff", "is_active", "gender", "age_group", "occupation")
    search_fields = ("username", "email", "first_name", "last_name")
    readonly_fields = ("movielens_id", "last_login", "date_joined", "deletion_requested_at")
    actions = ("revoke_tokens",)
    paginator = BoundedPaginator
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Demographics"), {"fields": ("gender", "age_group", "occupation", "zip_code", "movielens_id")}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "deletion_requested_at")}),
    )

    def save_model(self, request: HttpRequest, user: User, form: ModelForm, change: bool) -> None:
        """Whoever is made active again is to stay."""
        if user.is_active and user.deletion_requested_at:
            user.deletion_requested_at = None
            text = _("%(user)s had asked for the deletion of their account; that is taken back.")
            self.message_user(request, text % {"user": user}, messages.WARNING)
        super().save_model(request, user, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        ratings = Rating.objects.filter(user=OuterRef("pk")).order_by().values("user")
        number = Subquery(ratings.annotate(number=Count("pk")).values("number"))
        return super().get_queryset(request).annotate(rating_count=Coalesce(number, 0))

    @admin.display(description=_("ratings"))
    def rating_count(self, user: User) -> int:
        return user.rating_count  # type: ignore[attr-defined]

    @admin.action(description=_("Revoke API tokens"), permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Log the users out of the API; they get a new token at the next log-in."""
        revoked, _by_model = AccessToken.objects.filter(user__in=users.values("pk")).delete()
        text = ngettext("%(number)d token revoked.", "%(number)d tokens revoked.", revoked)
        self.message_user(request, text % {"number": revoked}, messages.SUCCESS)
