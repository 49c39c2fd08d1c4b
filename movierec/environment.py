"""Reads the environment variables of the installation; a bad value ends the process with one clear line.

Knows nothing of Django's settings beyond the values it returns.
"""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_SCHEMES = ("sqlite", "mysql")
BROKER_SCHEMES = ("filesystem", "redis", "rediss", "amqp", "amqps", "memory")
PERCENT = "special characters of a password are written as %23 for # and so on"
CACHE_SCHEMES = ("locmem", "locmemcache", "redis", "rediss", "rediscache", "dummycache")

env = environ.Env()


def refuse(name: str, reason: str) -> NoReturn:
    """End the process: the variable `name` cannot be used, for `reason`."""
    sys.exit(f"movierec: {name}: {reason}")


def load_dotenv() -> None:
    """Read `.env` beside manage.py (or the file ENV_FILE), if there is one; the real environment wins."""
    env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))


def read_bool(name: str, default: bool) -> bool:
    value = env.str(name, default=str(default)).strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off", ""):
        return False
    refuse(name, f"{value!r} is neither true nor false")


def read_list(name: str, default: list[str]) -> list[str]:
    """What stands between commas, without the blanks around it."""
    items = [item.strip() for item in env.str(name, default=",".join(default)).split(",")]
    return [item for item in items if item]


def read_count(name: str, default: int) -> int:
    """A whole number from 0 on."""
    value = env.str(name, default=str(default)).strip()
    if value.isascii() and value.isdigit():
        return int(value)
    refuse(name, f"{value!r} is not a whole number from 0 on")


def read_limit(name: str, default: float) -> float:
    """A number from 0 on."""
    text = env.str(name, default=str(default)).strip()
    try:
        value = float(text)
    except ValueError:
        refuse(name, f"{text!r} is not a number")
    if 0 <= value < float("inf"):
        return value
    refuse(name, f"{text!r} is not a number from 0 on")


def read_secret_key(*, debug: bool) -> str:
    """The secret key. Without one, a debug server makes up its own and production does not start."""
    key = env.str("SECRET_KEY", default="")
    if key:
        return key
    if debug:
        return secrets.token_urlsafe(50)
    refuse("SECRET_KEY", "is not set; production does not start without one (DEBUG=true does)")


def read_url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """A URL whose scheme is one of `schemes`."""
    value = env.str(name, default=default)
    try:
        parts = urlsplit(value)
    except ValueError:
        refuse(name, f"{_shown(value)} cannot be read; {PERCENT}")
    if parts.scheme not in schemes:
        refuse(name, f"{_shown(value)} does not start with one of {', '.join(s + '://' for s in schemes)}")
    if parts.fragment:
        refuse(name, f"{_shown(value)} holds a #; {PERCENT}")
    return value


def read_server(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """A URL as `read_url` takes it, whose port is one."""
    value = read_url(name, default, schemes)
    try:
        urlsplit(value).port  # noqa: B018  (raises)
    except ValueError:
        refuse(name, f"{_shown(value)} has no port that is one; {PERCENT}")
    return value


def read_database(default: str) -> dict[str, Any]:
    url = read_url("DATABASE_URL", default, DATABASE_SCHEMES)
    return _parsed("DATABASE_URL", url, environ.Env.db_url_config)


def read_replica() -> dict[str, Any] | None:
    """The replica that requests read from, if there is one."""
    if not env.str("DATABASE_REPLICA_URL", default=""):
        return None
    url = read_url("DATABASE_REPLICA_URL", "", DATABASE_SCHEMES)
    return _parsed("DATABASE_REPLICA_URL", url, environ.Env.db_url_config)


def read_cache(default: str) -> dict[str, Any]:
    url = read_url("CACHE_URL", default, CACHE_SCHEMES)
    return _parsed("CACHE_URL", url, environ.Env.cache_url_config)


def read_path(name: str, default: Path) -> Path:
    """A folder; `default` also where the variable is empty."""
    given = env.str(name, default="")
    path = Path(given).expanduser() if given.strip() else default
    path = path if path.is_absolute() else BASE_DIR / path
    if path.exists() and not path.is_dir():
        refuse(name, f"{path} is not a folder")
    return path


def _parsed(name: str, url: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return parse(url)
    except (environ.ImproperlyConfigured, ValueError, KeyError):
        refuse(name, f"{_shown(url)} cannot be read; {PERCENT}")


def _shown(url: str) -> str:
    """What may be told of a URL that is refused: anything behind the scheme may be a part of a password."""
    scheme, separator, _rest = url.partition("://")
    return f"{scheme}://…" if separator else "its value"
