"""One small data set, made up, written in every format that the import reads."""

import zipfile
from pathlib import Path

from catalog.models import Movie, Rating

Files = dict[str, str | bytes]


def flags(*genres: int) -> str:
    return "|".join("1" if number in genres else "0" for number in range(19))


ML_100K: Files = {
    "u.item": (
        f"1|Toy Box (1995)|01-Jan-1995||http://example.org/1|{flags(3, 4, 5)}\n"
        f"2|Café, The (1996)|02-Feb-1996||http://example.org/2|{flags(8)}\n"
        f"3|Untitled|||http://example.org/3|{flags(0)}\n"
    ).encode("latin-1"),
    "u.user": "1|24|M|technician|85711\n2|53|F|writer|94043\n",
    "u.data": "1\t1\t5\t881250949\n2\t2\t3\t891717742\n1\t2\t4\t881250949\n2\t3\t1\t891717743\n",
    "u1.base": "1\t1\t5\t881250949\n",
    "u.genre": "unknown|0\nAction|1\n",
    "README": "Made up.\n",
}
ML_1M: Files = {
    "movies.dat": (
        "1::Toy Box (1995)::Animation|Children's|Comedy\n2::Café, The (1996)::Drama\n3::Untitled::\n"
    ).encode("latin-1"),
    "users.dat": "1::M::18::17::85711\n2::F::50::20::94043\n",
    "ratings.dat": "1::1::5::881250949\n2::2::3::891717742\n1::2::4::881250949\n2::3::1::891717743\n",
}
ML_10M: Files = {
    "movies.dat": (
        "1::Toy Box (1995)::Animation|Children's|Comedy\n"
        "2::Café, The (1996)::Drama\n3::Untitled::(no genres listed)\n"
    ),
    "ratings.dat": "1::1::5::881250949\n2::2::3::891717742\n1::2::4::881250949\n2::3::1::891717743\n",
    "tags.dat": "1::1::5::881250949\n",
}
ML_CSV: Files = {
    "movies.csv": (
        "movieId,title,genres\r\n1,Toy Box (1995),Animation|Children's|Comedy\r\n"
        '2,"Café, The (1996)",Drama\r\n3,Untitled,(no genres listed)\r\n'
    ),
    "ratings.csv": (
        "userId,movieId,rating,timestamp\r\n1,1,5.0,881250949\r\n2,2,3.0,891717742\r\n"
        "1,2,4.0,881250949\r\n2,3,1.0,891717743\r\n"
    ),
    "links.csv": "movieId,imdbId,tmdbId\r\n1,0114709,862\r\n2,0113497,\r\n",
    "tags.csv": "userId,movieId,tag,timestamp\r\n1,1,toys,881250949\r\n",
}
ATOMIC: Files = {
    "small.item": (
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "1\tToy Box\t1995\tAnimation Children's Comedy\n2\tCafé, The\t1996\tDrama\n3\tUntitled\t\tunknown\n"
    ),
    "small.user": (
        "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
        "1\t24\tM\ttechnician\t85711\n2\t53\tF\twriter\t94043\n"
    ),
    "small.inter": (
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "1\t1\t5\t881250949\n2\t2\t3\t891717742.0\n1\t2\t4\t8.81250949e8\n2\t3\t1\t891717743\n"
    ),
    "small.link": "item_id:token\tentity_id:token\n1\tm.1\n",
}
FORMATS = {"100K": ML_100K, "1M": ML_1M, "10M": ML_10M, "CSV": ML_CSV, "atomic": ATOMIC}


def write(folder: Path, files: Files, **changes: str | bytes | None) -> Path:
    """Write the files, some of them changed or (None) left out; `ratings_dat=` stands for "ratings.dat"."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = {name.replace("_", "."): content for name, content in changes.items()}
    for name, content in (files | changed).items():
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(folder: Path, inside: str = "") -> Path:
    """A zip of the folder's files, in the folder `inside` of the zip."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{inside}/{file.name}" if inside else file.name)
    return path


def stored_movies() -> list[tuple[int | None, str, int | None, list[str]]]:
    movies = Movie.objects.order_by("pk").prefetch_related("genres")
    return [(m.movielens_id, m.title, m.year, [g.name for g in m.genres.all()]) for m in movies]


def stored_ratings() -> list[tuple[int, int, float, int]]:
    """User, movie, stars and seconds, in the order in which they are stored."""
    ratings = Rating.objects.order_by("pk").select_related("user", "movie")
    return [
        (r.user.movielens_id or 0, r.movie.movielens_id or 0, r.stars, int(r.rated_at.timestamp()))
        for r in ratings
    ]
