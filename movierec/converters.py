"""Numbers in addresses."""

from django.urls.converters import IntConverter

LARGEST_ID = 2**63 - 1  # that a database holds


class IdConverter(IntConverter):
    """A row's ID. There is nothing at an address with a number that no row can have."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = super().to_python(value)
        if number > LARGEST_ID:
            raise ValueError(f"no row has the ID {value}")
        return number
