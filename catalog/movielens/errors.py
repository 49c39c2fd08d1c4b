"""The exceptions of the import."""


class ImportRejected(Exception):
    """The data cannot be imported; the message is one line: file, line and field if known."""


class RowRejected(Exception):
    """One row cannot be imported; the message names the field. Never leaves the package."""
