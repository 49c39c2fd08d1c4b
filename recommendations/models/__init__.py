"""The tables of the recommender."""

from .drift_report import DriftReport
from .index_job import IndexJob, IndexJobQuerySet
from .lease import Lease
from .model_version import ModelVersion
from .served_list import ListFeedback, ServedList
from .training import TrainingPlan, TrainingRun

__all__ = [
    "DriftReport",
    "IndexJob",
    "IndexJobQuerySet",
    "Lease",
    "ListFeedback",
    "ModelVersion",
    "ServedList",
    "TrainingPlan",
    "TrainingRun",
]
