"""A picture of a user's taste on a map of the catalogue."""
