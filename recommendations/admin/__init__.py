"""The recommender in the operator's panel."""

from recommendations.admin.log_entry import LogEntryAdmin
from recommendations.admin.model_version import ModelVersionAdmin
from recommendations.admin.served_list import ServedListAdmin
from recommendations.admin.training_plan import TrainingPlanAdmin
from recommendations.admin.training_run import TrainingRunAdmin

__all__ = [
    "LogEntryAdmin",
    "ModelVersionAdmin",
    "ServedListAdmin",
    "TrainingPlanAdmin",
    "TrainingRunAdmin",
]
