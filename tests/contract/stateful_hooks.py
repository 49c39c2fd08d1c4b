"""What schemathesis leaves out where requests build on one another; the other phases send it."""

from typing import Any

import schemathesis


@schemathesis.hook.apply_to(method="POST", path="/api/v1/movies/")
def filter_body(context: Any, body: Any) -> bool:
    """A movie that is made withdrawn is for nobody to see, so the requests that follow could not find it."""
    return not (isinstance(body, dict) and body.get("withdrawn") is True)
