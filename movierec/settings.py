"""Settings of movierec. Every deployment choice is an environment variable, listed in README.md."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from celery.schedules import crontab
from csp.constants import NONE, SELF

from movierec import environment
from movierec.environment import env

BASE_DIR: Path = environment.BASE_DIR

environment.load_dotenv()

VAR_DIR = environment.read_path("VAR_DIR", BASE_DIR / "var")

DEBUG = environment.read_bool("DEBUG", False)
HTTPS = environment.read_bool("HTTPS", False)
SECRET_KEY = environment.read_secret_key(debug=DEBUG)
ALLOWED_HOSTS = environment.read_list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.read_list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "movierec.admin_site.MovierecAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "import_export",
    "rest_framework",
    "catalog",
    "recommendations",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "movierec.fault_views.DatabaseFaultMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "movierec.urls"
WSGI_APPLICATION = "movierec.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: SQLite by default, MySQL when DATABASE_URL says so.
DATABASE_OPTIONS: dict[str, dict[str, Any]] = {
    "django.db.backends.sqlite3": {
        "timeout": 20,  # seconds a writer waits for another one
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
    "django.db.backends.mysql": {
        "charset": "utf8mb4",
        "sql_mode": "STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE",
        "isolation_level": "read committed",
        "connect_timeout": 3,
        "read_timeout": 60,
        "write_timeout": 60,
    },
}
DATABASES = {"default": environment.read_database(f"sqlite:///{quote(str(VAR_DIR / 'movierec.sqlite3'))}")}
if replica := environment.read_replica():
    DATABASES["replica"] = replica | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["movierec.replica.ReplicaRouter"]
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.middleware.security.SecurityMiddleware"),
        "movierec.replica.ReplicaMiddleware",
    )
for database in DATABASES.values():
    database |= {
        "OPTIONS": DATABASE_OPTIONS[database["ENGINE"]] | database.get("OPTIONS", {}),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_OPTIONS: dict[str, dict[str, Any]] = {
    "django.core.cache.backends.locmem.LocMemCache": {
        # Each address that asks is an entry a minute: of Django's 300, they would push out failed log-ins.
        "MAX_ENTRIES": 100_000,  # of 0.3 to 1 KB
    },
    "django_redis.cache.RedisCache": {
        "SERIALIZER": "django_redis.serializers.json.JSONSerializer",  # data only; pickle would be code
        "SOCKET_CONNECT_TIMEOUT": 0.5,  # seconds
        "SOCKET_TIMEOUT": 0.5,
        "IGNORE_EXCEPTIONS": True,  # pages do without a cache that is down
    },
}
CACHES = {"default": environment.read_cache("locmemcache://")}
CACHES["default"]["OPTIONS"] = CACHE_OPTIONS.get(CACHES["default"]["BACKEND"], {}) | CACHES["default"].get(
    "OPTIONS", {}
)

# Accounts
AUTH_USER_MODEL = "catalog.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

ACCOUNT_GRACE_DAYS = environment.read_count("ACCOUNT_GRACE_DAYS", 14)  # from the wish to delete to the end

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Static files, served by WhiteNoise with hashed names
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "movierec.static_files.StaticFiles"},
}

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# HSTS for subdomains and preload lists bind more than this site: its owner decides, at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog.api.authentication.AccessTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["movierec.api_renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["movierec.api_parsers.BoundedJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # there is JSON alone
    "DEFAULT_METADATA_CLASS": None,  # the schema describes; OPTIONS would guess at each view's serializers
    "DEFAULT_SCHEMA_CLASS": "movierec.api_schema.ApiSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "catalog.api.throttling.AddressThrottle",
        "catalog.api.throttling.UserThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "120/min",
        "user": "600/min",
        "login": "10/min",
        "failed_login": "30/hour",
        "password": "10/min",
        "session_list": "30/min",
        "ratings_file": "10/min",
    },
    "NUM_PROXIES": 1 if HTTPS else 0,  # whose X-Forwarded-For names the client; without one nobody's
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "movierec.faults.ApiExceptionHandler",
    "ALLOWED_ERROR_STATUS_CODES": [400, 401, 403, 404, 405, 406, 413, 415, 429, 500, 503],
    "ERROR_SCHEMAS": {
        "400": "movierec.api_schema.Error400ResponseSerializer",
        "401": "movierec.api_schema.RefusalResponseSerializer",
        "403": "movierec.api_schema.RefusalResponseSerializer",
        "413": "movierec.api_schema.Error413ResponseSerializer",
        "503": "movierec.api_schema.Error503ResponseSerializer",
    },
}

# Celery: a folder as broker by default, Redis or RabbitMQ when CELERY_BROKER_URL says so.
CELERY_BROKER_URL = environment.read_url("CELERY_BROKER_URL", "filesystem://", environment.BROKER_SCHEMES)
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_URL += "localhost"  # kombu warns of a missing host name
CELERY_BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "data_folder_in": str(CELERY_BROKER_DIR / "queue"),
        "data_folder_out": str(CELERY_BROKER_DIR / "queue"),
        "control_folder": str(CELERY_BROKER_DIR / "control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {"socket_timeout": 3, "socket_connect_timeout": 3, "connect_timeout": 3}
)
CELERY_BROKER_CONNECTION_TIMEOUT = 3  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a page does not wait for a broker that is down
CELERY_TASK_IGNORE_RESULT = True  # what a task did is a row of TrainingRun or an index change
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "sync"
CELERY_TASK_ROUTES = {
    "recommendations.tasks.run_index_job": {"queue": "index"},
    "recommendations.tasks.reconcile_index": {"queue": "index"},
    "recommendations.tasks.run_training": {"queue": "training"},
    "recommendations.tasks.precompute_shard": {"queue": "batch"},
    "recommendations.tasks.prepare_experiment": {"queue": "index"},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sync-index": {"task": "recommendations.tasks.sync_index", "schedule": 5.0, "options": {"expires": 5.0}},
    "recover-training": {
        "task": "recommendations.tasks.recover_training",
        "schedule": 60.0,
        "options": {"expires": 60.0},  # else a worker that comes back after a day does it a thousand times
    },
    "watch-experiment": {
        "task": "recommendations.tasks.watch_experiment",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "compare-shadow-lists": {
        "task": "recommendations.tasks.compare_shadow_lists",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "start-planned-trainings": {
        "task": "recommendations.tasks.start_planned_trainings",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "reconcile-index": {
        "task": "recommendations.tasks.reconcile_index",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "check-drift": {
        "task": "recommendations.tasks.check_drift",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "forget-answers": {
        "task": "catalog.tasks.forget_answers",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "purge-accounts": {
        "task": "catalog.tasks.purge_accounts",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "forget-deleted-people": {
        "task": "recommendations.tasks.forget_deleted_people",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "remove-old-versions": {
        "task": "recommendations.tasks.remove_old_versions",
        "schedule": crontab(hour="3", minute="10"),  # UTC; an interval would begin anew whenever beat starts
        "options": {"expires": 3600.0},
    },
    "purge-served-lists": {
        "task": "recommendations.tasks.purge_served_lists",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"expires": 3600.0},
    },
}

# Recommender
MILVUS_URI = environment.read_server("MILVUS_URI", "http://127.0.0.1:19530", ("http", "https", "tcp"))
MILVUS_TOKEN: str = env.str("MILVUS_TOKEN", default="")
MODEL_DIR = environment.read_path("MODEL_DIR", VAR_DIR / "models")
MODEL_VERSIONS_KEPT = environment.read_count("MODEL_VERSIONS_KEPT", 5)  # the newest; and those in use
SERVED_LISTS_KEPT_DAYS = 90

# Drift: what is measured of the ratings and lists of these days, and above which value it is an alert.
DRIFT_DAYS = environment.read_count("DRIFT_DAYS", 7)
DRIFT_LIMITS = {
    "rating_mean": environment.read_limit("DRIFT_RATING_MEAN", 0.3),  # stars from that of the training
    "genre_mix": environment.read_limit("DRIFT_GENRE_MIX", 0.25),  # Jensen-Shannon distance, 0 to 1
    "unknown_users": environment.read_limit("DRIFT_UNKNOWN_USERS", 0.5),  # share of ratings
    "unknown_movies": environment.read_limit("DRIFT_UNKNOWN_MOVIES", 0.1),  # share of ratings
    "user_norms": environment.read_limit("DRIFT_USER_NORMS", 0.25),  # change since the version's first report
    "movie_norms": environment.read_limit("DRIFT_MOVIE_NORMS", 0.05),  # share of new movies
    "concentration": environment.read_limit("DRIFT_CONCENTRATION", 0.6),  # share of places
    "empty_lists": environment.read_limit("DRIFT_EMPTY_LISTS", 0.02),  # share of lists
    "seen_leaks": 0.0,  # movies; never right
}

VAR_DIR.mkdir(parents=True, exist_ok=True)
for folder in CELERY_BROKER_TRANSPORT_OPTIONS.values():
    if isinstance(folder, str):
        Path(folder).mkdir(parents=True, exist_ok=True)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"handlers": ["stderr"], "level": "INFO", "propagate": False}
        for name in ("movierec", "catalog", "recommendations")
    },
}

# Operator's panel
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True  # a title like "=1+1" stays text in a spreadsheet

_ERRORS = "drf_standardized_errors.openapi_serializers"
SPECTACULAR_SETTINGS = {
    "TITLE": "movierec API",
    "DESCRIPTION": "Browse movies, rate them and get personal recommendations.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}},
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "ExperimentModeEnum": "recommendations.experiments.models.Experiment.Mode",
        "ExperimentStateEnum": "recommendations.experiments.models.Experiment.State",
        "EventEnum": "recommendations.models.ListFeedback.Kind",
        "ScopesEnum": "catalog.models.Scope",
        "SourceEnum": "recommendations.models.ServedList.Source",
        "ValidationErrorEnum": f"{_ERRORS}.ValidationErrorEnum.choices",
        "ClientErrorEnum": f"{_ERRORS}.ClientErrorEnum.choices",
        "ServerErrorEnum": f"{_ERRORS}.ServerErrorEnum.choices",
        "ParseErrorCodeEnum": f"{_ERRORS}.ParseErrorCodeEnum.choices",
        **{
            f"ErrorCode{status}Enum": f"{_ERRORS}.ErrorCode{status}Enum.choices"
            for status in (404, 405, 406, 415, 429, 500)
        },
    },
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},  # it would ask another host
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
