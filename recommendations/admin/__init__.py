"""The recommender in the operator's panel."""

from recommendations.admin.command_run import CommandRunAdmin
from recommendations.admin.drift_report import DriftReportAdmin
from recommendations.admin.experiment import ExperimentAdmin
from recommendations.admin.index_job import IndexJobAdmin
from recommendations.admin.log_entry import LogEntryAdmin
from recommendations.admin.model_version import ModelVersionAdmin
from recommendations.admin.served_list import ServedListAdmin
from recommendations.admin.training_plan import TrainingPlanAdmin
from recommendations.admin.training_run import TrainingRunAdmin

__all__ = [
    "CommandRunAdmin",
    "DriftReportAdmin",
    "ExperimentAdmin",
    "IndexJobAdmin",
    "LogEntryAdmin",
    "ModelVersionAdmin",
    "ServedListAdmin",
    "TrainingPlanAdmin",
    "TrainingRunAdmin",
]
