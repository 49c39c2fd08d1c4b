"""How the web server runs, in the demo and in the container alike; `gunicorn movierec.wsgi` reads it."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = 8
timeout = 30  # seconds until a worker that does not answer is replaced
graceful_timeout = 20  # seconds that requests in flight have when the server stops
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = os.environ.get("ACCESS_LOG")  # "-" is standard output
