"""Exit status 0 if the web server of this machine answers; what a container engine asks it by."""

import os
import sys
import urllib.error
import urllib.request

url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
# It answers to the names of ALLOWED_HOSTS alone; of ".example.org" example.org is one, of "*" any.
names = [name.removeprefix(".") for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
host = next((name for name in names if name not in ("", "*")), "127.0.0.1")
try:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=4) as answer:
        sys.exit(answer.status != 200)
except OSError as error:
    sys.exit(f"{url}: {error}")
