"""The page that shows a model version beside another one, the live one unless it is told which."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import User
from recommendations import vector_index
from recommendations.live_model import NoActiveModel
from recommendations.models import ModelVersion
from recommendations.two_tower.differences import Differences
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.version_diff import version_diff


def diff_page(panel: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(ModelVersion, pk=pk)
    if not panel.has_view_permission(request, version):
        raise PermissionDenied
    other, user, fault = _asked(request, version)
    context = panel.admin_site.each_context(request) | {
        "opts": panel.opts,
        "version": version,
        "other": other,
        "others": ModelVersion.objects.stored().exclude(pk=pk).values_list("number", flat=True),
        "username": request.GET.get("user", ""),
        "fault": fault,
        "title": _("%(version)s beside another") % {"version": version},
    }
    if other is not None:
        try:
            context |= _context(other, version, user)
        except NoActiveModel as error:
            messages.error(request, str(error))
            page = reverse("admin:recommendations_modelversion_change", args=[pk])
            return HttpResponseRedirect(page)
    return render(request, "admin/panel/model_diff.html", context)


def _asked(request: HttpRequest, version: ModelVersion) -> tuple[ModelVersion | None, User | None, str]:
    """The other version, the user whose lists are shown, and what was not found."""
    number, name = request.GET.get("other", ""), request.GET.get("user", "").strip()
    others = ModelVersion.objects.stored().exclude(pk=version.pk)
    other = others.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    user = User.objects.filter(username=name).first() if name else None
    fault = _("Nobody has this name.") if name and user is None else ""
    return other or _live_or_latest(others), user, fault


def _live_or_latest(others: Any) -> ModelVersion | None:
    """The live version; where that is the one looked at or nobody knows it, the one promoted last."""
    try:
        live = vector_index.live_collection()
    except (VectorIndexUnavailable, VectorIndexInvalid):
        live = None
    named = others.filter(number=live.version).first() if live else None
    return named or others.order_by("-promoted_at", "-number").first()


def _context(other: ModelVersion, version: ModelVersion, user: User | None) -> dict[str, Any]:
    diff = version_diff(other, version, user=user)
    names = [str(other), str(version)]
    found: dict[str, Any] = {"diff": diff, "lists": list(zip(names, diff.lists, strict=True))}
    if diff.sample:
        movers = [(_("in more lists"), diff.sample.risen), (_("in fewer lists"), diff.sample.fallen)]
        found["overlap"] = f"{diff.sample.overlap:.1%}"
        found["coverage"] = [f"{share:.1%}" for share in diff.sample.coverage]
        found["genres"] = _shares(diff.sample)
        found["movers"] = [
            (title, [(diff.titles[m.movie_id], m) for m in moved]) for title, moved in movers if moved
        ]
    return found


def _shares(sample: Differences) -> list[tuple[str, str, str, str]]:
    """By genre, largest first: the shares before and after, and their difference in points."""
    ordered = sorted(sample.genres.items(), key=lambda item: -item[1][1])
    return [
        (genre, f"{before:.1%}", f"{after:.1%}", f"{100 * (after - before):+.1f}")
        for genre, (before, after) in ordered
    ]
