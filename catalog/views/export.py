"""Downloads of one's own data."""

from django.http import HttpResponse, StreamingHttpResponse

from catalog.export import everything_json, everything_zip, ratings_csv
from catalog.views.access import MemberRequest, member_required


@member_required
def export_ratings(request: MemberRequest) -> HttpResponse:
    answer = StreamingHttpResponse(ratings_csv(request.user), content_type="text/csv; charset=utf-8")
    return _download(answer, "movierec-ratings.csv")  # type: ignore[arg-type]


@member_required
def export_everything(request: MemberRequest) -> HttpResponse:
    return _download(HttpResponse(everything_json(request.user), "application/json"), "movierec-data.json")


@member_required
def export_tables(request: MemberRequest) -> HttpResponse:
    return _download(HttpResponse(everything_zip(request.user), "application/zip"), "movierec-data.zip")


def _download(answer: HttpResponse, name: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
