"""The taste picker after sign-up: rate a few well-known movies."""

from django.http import HttpResponse
from django.shortcuts import render

from catalog.models import Rating
from catalog.taste import ENOUGH, movies_to_rate
from catalog.views.access import MemberRequest, member_required


@member_required
def taste(request: MemberRequest) -> HttpResponse:
    rated = Rating.objects.of(request.user).count()
    context = {
        "movies": movies_to_rate(request.user),
        "rated": rated,
        "enough": ENOUGH,
        "missing": max(0, ENOUGH - rated),
        "steps": [step < rated for step in range(ENOUGH)],
    }
    return render(request, "accounts/taste.html", context)
