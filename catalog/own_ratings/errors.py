"""The one exception of bringing ratings along."""


class RatingsFileRejected(Exception):
    """The file cannot be imported; the message tells its owner why."""
