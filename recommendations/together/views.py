"""Pages of groups: see and make them, join and leave. A group of others is not found."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from catalog import watch_groups
from catalog.models import Invitation, WatchGroup
from catalog.opinions import opinions_of
from catalog.views.access import MemberRequest, member_required
from catalog.watch_groups import GroupRefused
from recommendations.together.forms import MOST, STEP, GroupForm, GroupListForm, InviteForm
from recommendations.together.picking import pick_together
from recommendations.together.remembered import forget_link, remember_link


def group_of(request: MemberRequest, group_id: int) -> WatchGroup:
    return get_object_or_404(WatchGroup.objects.of(request.user).with_members(), pk=group_id)


def own_group(request: MemberRequest, group_id: int) -> WatchGroup:
    return get_object_or_404(WatchGroup, pk=group_id, owner=request.user)


@member_required
def overview(request: MemberRequest) -> HttpResponse:
    """My groups, the invitations that wait for me, and a form for a new group."""
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                "group", watch_groups.create_group(request.user, name=form.cleaned_data["name"]).pk
            )
        except GroupRefused as error:
            form.add_error(None, str(error))
    groups = WatchGroup.objects.of(request.user).with_members()
    return render(request, "together/overview.html", {"groups": groups, "form": form})


@member_required
def group(request: MemberRequest, group_id: int) -> HttpResponse:
    """The picks of a group; its members, and for the owner the ways to invite."""
    shown = group_of(request, group_id)
    members = list(shown.memberships.all())
    form = GroupListForm(request.GET or None)
    wanted = form.group_request()
    answer = pick_together(members, wanted)
    owns = shown.owner_id == request.user.pk
    context = {
        "group": shown,
        "members": members,
        "me": next(member for member in members if member.user_id == request.user.pk),
        "owns": owns,
        "full": len(members) >= watch_groups.MOST_MEMBERS,
        "form": form,
        "answer": answer,
        "opinions": opinions_of(request.user, (pick.movie.id for pick in answer.results)),
        "more": min(wanted.limit + STEP, MOST) if len(answer.results) == wanted.limit < MOST else None,
        "next_place": wanted.limit + 1,
    }
    return render(request, "together/group.html", context | (_ways_in(request, shown) if owns else {}))


def _ways_in(request: HttpRequest, shown: WatchGroup) -> dict[str, object]:
    """The open link and invitations of a group, for its owner; two queries."""
    link = watch_groups.open_link(shown)
    return {
        "link": link,
        "link_url": link and request.build_absolute_uri(reverse("join-group", args=[link.token])),
        "invitations": shown.invitations.open().order_by("name"),
        "invite_form": InviteForm(),
    }


@never_cache
def join(request: MemberRequest, token: str) -> HttpResponse:
    """What a link invites to; a post, by somebody who is logged in, agrees and joins."""
    if not request.user.is_authenticated:
        remember_link(request, token)
        return member_required(join)(request, token=token)
    try:
        invited_to = watch_groups.group_behind(token)
        if request.method == "POST":
            watch_groups.join_by_link(request.user, token)
    except GroupRefused as error:
        forget_link(request)
        return render(request, "together/refused.html", {"reason": str(error)}, status=404)
    if request.method == "POST" or request.user.pk in {m.user_id for m in invited_to.memberships.all()}:
        forget_link(request)
        return redirect("group", invited_to.pk)
    return render(request, "together/join.html", {"group": invited_to})


@require_POST
@member_required
def answer_invitation(request: MemberRequest, invitation_id: int) -> HttpResponse:
    """Accept with `answer=accept`, otherwise decline."""
    invitation = get_object_or_404(Invitation.objects.waiting_for(request.user), pk=invitation_id)
    if request.POST.get("answer") != "accept":
        watch_groups.decline(invitation)
        messages.success(request, _("Declined. Nobody is told."))
        return redirect("together")
    try:
        return redirect("group", watch_groups.accept(invitation).pk)
    except GroupRefused as error:
        messages.warning(request, str(error))
        return redirect("together")


@require_POST
@member_required
def invite(request: MemberRequest, group_id: int) -> HttpResponse:
    mine, form = own_group(request, group_id), InviteForm(request.POST)
    if form.is_valid():
        try:
            watch_groups.invite(mine, form.cleaned_data["name"])
        except GroupRefused as error:
            messages.warning(request, str(error))
        else:
            text = _("If somebody here is called %(name)s, your invitation is waiting for them.")
            messages.success(request, text % form.cleaned_data)
    return _back_to(mine, "invite")


@require_POST
@member_required
def withdraw(request: MemberRequest, group_id: int, invitation_id: int) -> HttpResponse:
    mine = own_group(request, group_id)
    watch_groups.withdraw(get_object_or_404(mine.invitations, pk=invitation_id))
    return _back_to(mine, "invite")


@require_POST
@member_required
def make_link(request: MemberRequest, group_id: int) -> HttpResponse:
    mine = own_group(request, group_id)
    watch_groups.make_link(mine)
    return _back_to(mine, "invite")


@require_POST
@member_required
def revoke_link(request: MemberRequest, group_id: int) -> HttpResponse:
    mine = own_group(request, group_id)
    watch_groups.revoke_link(mine)
    messages.success(request, _("The link no longer works."))
    return _back_to(mine, "invite")


@require_POST
@member_required
def rewatch(request: MemberRequest, group_id: int) -> HttpResponse:
    mine = group_of(request, group_id)
    watch_groups.allow_rewatching(request.user, mine, allowed=bool(request.POST.get("allowed")))
    return _back_to(mine, "members")


@require_POST
@member_required
def remove_member(request: MemberRequest, group_id: int, user_id: int) -> HttpResponse:
    mine = own_group(request, group_id)
    member = get_object_or_404(
        mine.memberships.exclude(user=request.user).select_related("user"), user=user_id
    )
    watch_groups.remove_member(mine, member.user)
    text = _("%(name)s is no longer in the group, and its link has ended.")
    messages.success(request, text % {"name": member.user.username})
    return _back_to(mine, "members")


@require_POST
@member_required
def leave(request: MemberRequest, group_id: int) -> HttpResponse:
    left = group_of(request, group_id)
    try:
        watch_groups.leave(request.user, left)
    except GroupRefused as error:
        messages.warning(request, str(error))
        return _back_to(left, "members")
    messages.success(request, _("You have left %(name)s.") % {"name": left.name})
    return redirect("together")


@member_required
def delete(request: MemberRequest, group_id: int) -> HttpResponse:
    mine = own_group(request, group_id)
    if request.method != "POST":
        return render(request, "together/delete.html", {"group": mine})
    mine.delete()
    messages.success(request, _("%(name)s is deleted.") % {"name": mine.name})
    return redirect("together")


def _back_to(shown: WatchGroup, part: str) -> HttpResponseRedirect:
    """To the part of the page that was changed, which on a phone is below the list."""
    return HttpResponseRedirect(f"{reverse('group', args=[shown.pk])}#{part}")
