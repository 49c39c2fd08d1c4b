"""Gives the tests an installation of their own, before Django reads its settings.

Nothing of the developer's own installation is used: neither `.env` nor the variables that name engines.
TEST_ENGINES=services (`make test-services`) puts the tests on MySQL, Redis and a real Milvus server; with
TEST_MILVUS=lite on MySQL and Redis alone, which is ten times quicker.
"""

import os
import socket
import tempfile

ON_SERVICES = os.environ.get("TEST_ENGINES") == "services"
ON_MILVUS_SERVER = ON_SERVICES and os.environ.get("TEST_MILVUS") != "lite"
MYSQL_URL = os.environ.get("MYSQL_URL", "mysql://root@127.0.0.1:3306/movierec")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
CACHE_URL = f"{REDIS_URL}/14"  # emptied before each test
BROKER_URL = f"{REDIS_URL}/15"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


for name in ("DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL", "MILVUS_TOKEN", "MODEL_DIR"):
    os.environ.pop(name, None)
for name in ("DEBUG", "HTTPS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
    os.environ.pop(name, None)
os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "a key for tests only, long enough to be one"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="movierec-tests-")
os.environ["MILVUS_URI"] = f"http://127.0.0.1:{free_port()}"
if ON_SERVICES:
    os.environ["DATABASE_URL"] = MYSQL_URL
    os.environ["CACHE_URL"] = CACHE_URL
    os.environ["CELERY_BROKER_URL"] = BROKER_URL
