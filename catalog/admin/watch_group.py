from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.long_tables import LongTableAdmin
from catalog.models import Membership, WatchGroup


class MembershipInline(admin.TabularInline):
    """Who is in the group. Nobody gets in who did not agree, so there is nothing to add or change."""

    model = Membership
    fields = ("user", "joined_at", "rewatches")
    readonly_fields = fields
    ordering = ("joined_at", "pk")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: WatchGroup | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: WatchGroup | None = None) -> bool:
        return False


@admin.register(WatchGroup)
class WatchGroupAdmin(LongTableAdmin):
    """An operator may rename or delete a group, not make one; the links into it are not shown."""

    list_display = ("name", "owner", "member_count", "created_at")
    list_prefetch_related = ("owner",)
    search_fields = ("name", "owner__username__exact")
    search_help_text = _("Words of a name, or the name of the user who made the group")
    fields = ("name", "owner", "created_at")
    readonly_fields = ("owner", "created_at")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchGroup]:
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("members"), ordering="member_count")
    def member_count(self, group: WatchGroup) -> int:
        return group.member_count  # type: ignore[attr-defined]
