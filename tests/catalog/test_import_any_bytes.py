"""Whatever bytes come in, the import ends well or with ImportRejected in one line."""

import tempfile
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set
from tests.catalog.movielens_files import FORMATS, Files, write, zipped

pytestmark = pytest.mark.django_db

scraps = st.sampled_from(
    [b"\x00", b"\xff", b"\n", b'"', b"::", b"|", b"\t", b",", b"", b"-1", b"9" * 30, b"nan"]
)


@st.composite
def damaged(draw: st.DrawFn) -> Files:
    """A small data set of some format with a few bytes replaced."""
    files = {name: as_bytes(text) for name, text in draw(st.sampled_from(list(FORMATS.values()))).items()}
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(files)))
        start = draw(st.integers(0, len(files[name])))
        end = start + draw(st.integers(0, 5))
        files[name] = files[name][:start] + draw(scraps | st.binary(max_size=5)) + files[name][end:]
    return dict(files)


def as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@given(files=damaged(), in_zip=st.booleans(), skip_bad_rows=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_data_are_imported_or_rejected_in_one_line(files: Files, in_zip: bool, skip_bad_rows: bool):
    message = ""
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "data", files)
        try:
            with transaction.atomic():
                import_data_set(zipped(folder) if in_zip else folder, skip_bad_rows=skip_bad_rows)
                transaction.set_rollback(True)
        except ImportRejected as error:
            message = str(error)
    assert message.isprintable()
