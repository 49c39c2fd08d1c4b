"""Home and the personal list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.opinions import opinions_of
from catalog.views.access import MemberRequest, member_required
from recommendations.forms import MOST, STEP, ListForm
from recommendations.home import PICKED, picks, rows_for, rows_for_visitor
from recommendations.serving import recommend


def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "home/visitor.html", {"rows": rows_for_visitor()})
    answer = picks(request.user)
    picked = answer.results[:PICKED]
    context = {
        "answer": answer,
        "picked": picked,
        "opinions": opinions_of(request.user, (found.movie.id for found in picked[:1])),
        "rows": rows_for(request.user, answer),
    }
    return render(request, "home/member.html", context)


@member_required
def personal_list(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.GET or None)
    wanted = form.list_request()
    answer = recommend(request.user, wanted)
    more = wanted.limit + STEP if len(answer.results) == wanted.limit < MOST else None
    context = {
        "form": form,
        "answer": answer,
        "opinions": opinions_of(request.user, (found.movie.id for found in answer.results)),
        "more": more and min(more, MOST),
        "next_place": wanted.limit + 1,
    }
    return render(request, "recommendations/list.html", context)
