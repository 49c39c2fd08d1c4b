"""Whatever is sent, the API answers in its one shape and never with a server error."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tests.api.paths import all_paths, documented_queries, operations_on, written_paths
from tests.factories import GenreFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD_TEXTS = st.sampled_from(
    [
        *("", " ", "\0", "a\0b", "\ud800", "\ufeff", "\u202e", "🎬" * 50, "ﷺ" * 100, "x" * 10_000),
        *(
            "-1",
            "0",
            "1e9",
            "1e999",
            "NaN",
            "Infinity",
            "-0",
            "٣",
            "9" * 400,
            "0x10",
            "1_000",
            "true",
            "null",
        ),
        *("' OR 1=1 --", "%", "%_\\", "../..", "[]", "{}", "<script>", "2026-13-45", "drama,comedy"),
    ]
)
TEXTS = ODD_TEXTS | st.text(max_size=60)
NUMBERS = st.sampled_from([0, -1, 2**31, 2**63, -(2**63), 10**30, 10**400, 1e308, -1e308, 0.1, 5e-324])
SCALARS = TEXTS | NUMBERS | st.none() | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
PARAMETERS = dict(documented_queries())  # by path, those that it has
BODIES = st.dictionaries(
    st.sampled_from(
        [
            *(
                "stars",
                "movie_id",
                "title",
                "year",
                "genres",
                "movies",
                "all_or_nothing",
                "username",
                "password",
            ),
            *("kind", "model_version", "config", "seed", "promote", "force", "reason", "withdrawn"),
            *("name", "scopes", "ratings", "members", "list_id", "email", "rows", "movie_ids"),
            *("rating", "demographics", "events", "csv", "weight", "token", "accept", "rewatches"),
        ]
    ),
    VALUES,
    max_size=4,
)


def as_query(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def people(client_of: Any, anonymous: APIClient) -> list[APIClient]:
    """A visitor, a user with a rating, an operator."""
    RatingFactory(movie=MovieFactory(pk=1, genres=[GenreFactory(name="Drama")]), user=UserFactory(pk=1))
    user = RatingFactory().user
    return [anonymous, client_of(user), client_of(UserFactory(is_staff=True, is_superuser=True))]


def check(answer: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.content
    if answer.status_code >= 400:
        body = answer.json()
        assert body.keys() == {"type", "errors"}
        assert all(error.keys() == {"code", "detail", "attr"} for error in body["errors"])


@few
@given(data=st.data(), path=st.sampled_from(sorted(PARAMETERS)))
def test_any_parameters_also_repeated_ones(people: list[APIClient], data: st.DataObject, path: str) -> None:
    names = st.sampled_from([*PARAMETERS[path], "format"])
    query = data.draw(st.lists(st.tuples(names, TEXTS), max_size=4))
    text = "&".join(f"{name}={as_query(value)}" for name, value in query)
    for who in people:
        check(who.get(f"{path}?{text}"))


@few
@given(place=st.sampled_from(written_paths()), body=BODIES | VALUES)
def test_any_json(people: list[APIClient], place: tuple[str, str], body: Any) -> None:
    method, path = place
    for who in people:
        check(who.generic(method.upper(), path, as_json(body), content_type="application/json"))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"stars": NaN}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a":' * 50_000),
        ("application/json", b"\xff\xfe\x00"),
        ("application/json", b'"\\ud800"'),
        ("application/json; charset=utf-7", b"{}"),
        ("application/json; charset=nonsense", b"{}"),
        ("text/plain", b"stars=4"),
        ("application/xml", b"<stars>4</stars>"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"stars=4&stars=5"),
        ("", b"{}"),
        ("nonsense", b"{}"),
    ],
)
def test_any_content_type_and_broken_bodies(people: list[APIClient], content_type: str, body: bytes) -> None:
    for method, path in written_paths():
        check(people[2].generic(method.upper(), path, body, content_type=content_type))


def test_an_id_beyond_the_numbers_of_the_database_is_not_there(people: list[APIClient]) -> None:
    for method, path in operations_on(2**63):
        answer = people[2].generic(method.upper(), path, b"{}", content_type="application/json")
        assert answer.status_code in (400, 404), (method, path, answer.content)
        check(answer)


def test_no_address_fails_when_asked_for_its_options(people: list[APIClient]) -> None:
    for path in all_paths():
        answer = people[2].options(path)
        assert answer.status_code in (404, 405), (path, answer.content)
        check(answer)


@pytest.mark.parametrize("name", ["🎬", "日本語", "ﷺ" * 60, "a\u0301", "\u202efilm"])
def test_any_letters_are_kept_as_they_were_sent(people: list[APIClient], name: str) -> None:
    _visitor, user, operator = people
    assert user.post("/api/v1/together/", {"name": name}).json()["name"] == name
    assert user.get("/api/v1/together/").json()[0]["name"] == name
    movie = operator.post("/api/v1/movies/", {"title": name}).json()
    assert operator.get(f"/api/v1/movies/{movie['id']}/").json()["title"] == name
    assert operator.get("/api/v1/movies/", {"search": name}).json()["count"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("auth/tokens/", '{"name": "x", "scopes": ["\\ud800"]}'),
        ("trainings/", '{"config": {"\\ud800": 1}}'),
        ("trainings/", '{"config": {"epochs": "\\ud800"}}'),
        ("index/jobs/", '{"kind": "\\ud800"}'),
        ("movies/", '{"title": "x", "genres": ["\\ud800"]}'),
        ("movies/bulk/", '{"movies": [{"title": "x", "genres": ["\\ud800"]}]}'),
        ("movies/bulk/", '{"movies": [{"movielens_id": 99999999999999999999999}]}'),
        ("ratings/batch/", '{"ratings": [{"movie_id": 1, "stars": 4, "rated_at": "\\ud800"}]}'),
        ("recommendations/", '{"genre": "\\ud800"}'),
        ("ratings/import/preview/", '{"csv": "Name,Year,Letterboxd URI,Rating\\n\\ud800,1999,x,4\\n"}'),
        ("together/join/", '{"token": "\\ud800"}'),
    ],
)
def test_half_a_letter_is_refused_where_the_answer_would_repeat_it(
    people: list[APIClient], path: str, body: str
) -> None:
    answer = people[2].generic("POST", f"/api/v1/{path}", body, content_type="application/json")
    assert answer.status_code in (207, 400), answer.content
