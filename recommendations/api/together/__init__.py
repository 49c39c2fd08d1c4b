"""Groups that watch together over HTTP. A group of others is not found."""
