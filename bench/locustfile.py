"""People on the site and programs at the API, for locust.

    python -m bench.people DATA [--users 200] [--minutes 10]      sets up, runs and records this

or by hand against a site that runs, with the accounts that TOKENS and SESSIONS (files, one a line) name:

    TOKENS=… SESSIONS=… locust --locustfile bench/locustfile.py --host http://127.0.0.1:8000

Three of four are readers of the site, the others programs. Each thinks for one to five seconds between two
requests. Any answer of 400 or more is an error.
"""

import os
import random
from pathlib import Path

from locust import HttpUser, between, task

WORDS = ("star", "love", "king", "matrix", "toy story", "godfather", "teminator", "war", "night")
GENRES = ("drama", "comedy", "action", "thriller", "romance", "sci-fi")
MOVIES = int(os.environ.get("MOVIES", "1000"))  # IDs from 1 on that there are


def lines(variable: str) -> list[str]:
    return Path(os.environ[variable]).read_text().split()


class Reader(HttpUser):
    """A member of the site in a browser."""

    weight = 3
    wait_time = between(1, 5)

    def on_start(self) -> None:
        self.client.cookies.set("sessionid", random.choice(lines("SESSIONS")))

    @task(3)
    def home(self) -> None:
        self.client.get("/")

    @task(4)
    def browse(self) -> None:
        self.client.get(f"/movies/?genre={random.choice(GENRES)}", name="/movies/?genre=")

    @task(4)
    def search(self) -> None:
        self.client.get("/movies/", params={"q": random.choice(WORDS)}, name="/movies/?q=")

    @task(4)
    def movie(self) -> None:
        self.client.get(f"/movies/{random.randint(1, MOVIES)}/", name="/movies/ID/")

    @task(4)
    def recommendations(self) -> None:
        self.client.get("/recommendations/")

    @task(2)
    def rate(self) -> None:
        """As the form of a movie's page does, with the token that the page holds."""
        movie = random.randint(1, MOVIES)
        page = self.client.get(f"/movies/{movie}/", name="/movies/ID/")
        token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        data = {"stars": random.choice(("3.0", "3.5", "4.0", "4.5")), "csrfmiddlewaretoken": token}
        headers = {"Referer": f"{self.host}/movies/{movie}/"}
        self.client.post(f"/movies/{movie}/rate/", data, headers=headers, name="/movies/ID/rate/")


class Program(HttpUser):
    """A client of the API."""

    weight = 1
    wait_time = between(1, 5)

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Token {random.choice(lines('TOKENS'))}"

    @task(5)
    def recommendations(self) -> None:
        self.client.get("/api/v1/recommendations/")

    @task(2)
    def search(self) -> None:
        self.client.get("/api/v1/movies/", params={"search": random.choice(WORDS)}, name="/api/v1/movies/")

    @task(2)
    def similar(self) -> None:
        path = f"/api/v1/movies/{random.randint(1, MOVIES)}/similar/"
        self.client.get(path, name="/api/v1/movies/ID/similar/")

    @task(2)
    def rate(self) -> None:
        path = f"/api/v1/ratings/{random.randint(1, MOVIES)}/"
        stars = {"stars": random.choice((3.0, 3.5, 4.0, 4.5))}
        self.client.put(path, json=stars, name="/api/v1/ratings/ID/")
