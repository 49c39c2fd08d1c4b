"""Who may see a view, and where to go afterwards."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from catalog.models import User

P = ParamSpec("P")


class SiteRequest(HttpRequest):
    """A request as the site's middleware leaves it."""

    htmx: HtmxDetails


class MemberRequest(SiteRequest):
    """A request of somebody who is logged in."""

    user: User


def member_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Send visitors to the log-in page; from there they come back to the page they were on."""

    @wraps(view)
    def guarded(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            back = request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(f"{reverse('login')}?{urlencode({'next': back})}")
        return redirect_to_login(
            next_url(request, default="home") if request.method == "POST" else request.get_full_path()
        )

    return guarded  # type: ignore[return-value]


def next_url(request: HttpRequest, *, default: str) -> str:
    """Where the form wants to go next if that is on this site, otherwise `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url(default)
