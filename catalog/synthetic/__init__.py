"""Made-up catalogues with the long tails of real ones, for demonstrations and for measurements of growth."""
