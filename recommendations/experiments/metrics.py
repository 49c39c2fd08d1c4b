"""Figures of a running experiment for Prometheus, by arm."""

from prometheus_client import Counter, Histogram

LISTS = Counter(
    "movierec_experiment_lists_total",
    "Lists of people in an experiment by arm; model tells whether the arm's own one answered.",
    ["arm", "model"],
)
SECONDS = Histogram(
    "movierec_experiment_list_seconds",
    "Time to make a list, by arm.",
    ["arm"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
FEEDBACK = Counter(
    "movierec_experiment_feedback_total", "What readers did with lists, by arm.", ["arm", "kind"]
)
FAULTS = Counter(
    "movierec_experiment_challenger_faults_total",
    "Answers that control gave because the challenger could not, by the kind of fault.",
    ["fault"],
)
SHADOWS = Counter(
    "movierec_experiment_shadow_lists_total", "Lists computed with both versions, by outcome.", ["outcome"]
)
OWN, OTHER = "own", "other"
