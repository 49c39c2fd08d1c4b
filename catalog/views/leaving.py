"""Leaving, and coming back within the grace period."""

from django.contrib import messages
from django.contrib.auth import login, logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from catalog.forms import DeleteAccountForm
from catalog.leaving import request_deletion, restore_account
from catalog.models import User
from catalog.models.user import grace_period
from catalog.views.access import MemberRequest, member_required

PROVEN = "leaving_user"  # the key in the session: who proved by the password that the account is theirs
PROVEN_SECONDS = 600


@member_required
@sensitive_post_parameters("password")
def delete_account(request: MemberRequest) -> HttpResponse:
    form = DeleteAccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        due = request_deletion(request.user)
        logout(request)
        text = _("You are logged out, and nobody sees you here any more. Until %(day)s you can come back.")
        messages.success(request, text % {"day": date_format(due, "DATE_FORMAT")})
        return redirect("home")
    return render(request, "accounts/delete.html", {"form": form, "days": grace_period().days})


def restore(request: HttpRequest) -> HttpResponse:
    """Offer the account back to whoever has just logged in to one that is to be deleted."""
    user = _proven_user(request)
    if user is None:
        return redirect("login")
    if request.method != "POST":
        return render(request, "accounts/restore.html", {"leaving": user})
    del request.session[PROVEN]
    login(request, restore_account(user), backend="django.contrib.auth.backends.ModelBackend")
    messages.success(request, _("Welcome back. Everything is as it was."))
    return redirect("home")


def remember_leaving(request: HttpRequest, user: User) -> None:
    """For `restore`: the password of `user`, who is leaving, was right."""
    request.session[PROVEN] = signing.dumps(user.pk, salt=PROVEN)


def _proven_user(request: HttpRequest) -> User | None:
    try:
        user_id = signing.loads(request.session.get(PROVEN, ""), salt=PROVEN, max_age=PROVEN_SECONDS)
    except signing.BadSignature:
        return None
    return User.objects.leaving().filter(pk=user_id).first()
