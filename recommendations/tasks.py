"""What the Celery workers do: each task is one call of a service."""

import logging
from pathlib import Path

from celery import shared_task

from recommendations import forgetting, index_jobs, retention, run_queue, training
from recommendations.drift import checking
from recommendations.experiments import lifecycle
from recommendations.experiments.ending import ExperimentEnded
from recommendations.experiments.models import Experiment
from recommendations.experiments.shadow import compare_waiting
from recommendations.index_jobs import JobCancelled
from recommendations.index_sync import repair_challenger, sync_changes
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.models import IndexJob, TrainingRun
from recommendations.outdated_lists import forget_outdated_lists
from recommendations.plans import start_due_plans
from recommendations.precomputing import PrecomputingInterrupted, Shard, compute_shard
from recommendations.promotion import PromotionRefused
from recommendations.training import TrainingFailed, TrainingPutBack
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.worker_end import heed_end

logger = logging.getLogger(__name__)

REFUSED = (PromotionRefused, VectorIndexInvalid)
PASSING = (LeaseTaken, NoActiveModel, VectorIndexUnavailable)  # the next scheduled run tries again
# Milvus takes a quarter of an hour for each million movies, several beside other work. A broker may give the
# message out again meanwhile, as Redis does after an hour: who comes second meets the lease of the first.
# RabbitMQ closes the worker's channel instead, after half an hour unless deploy/rabbitmq.conf says more.
BUILDING_SECONDS = 12 * 3600
TRAINING_SECONDS = 23 * 3600  # less than the day for which RabbitMQ waits


@shared_task(soft_time_limit=120, time_limit=150)
def sync_index() -> None:
    """Pass pending changes of movies on to Milvus."""
    try:
        sync_changes()
    except PASSING as error:
        logger.info("changes of movies stay pending: %s", error)


@shared_task(soft_time_limit=TRAINING_SECONDS, time_limit=TRAINING_SECONDS + 60, reject_on_worker_lost=True)
def run_training(run_id: int) -> None:
    """Execute a training run; the run's row keeps what became of it."""
    try:
        with heed_end() as is_ending:
            training.execute_run(TrainingRun.objects.get(pk=run_id), is_ending=is_ending)
    except TrainingPutBack as error:
        logger.info("training run %s goes on with the next worker: %s", run_id, error)
    except (*PASSING, *REFUSED, TrainingRun.DoesNotExist, TrainingFailed) as error:
        logger.warning("training run %s: %s", run_id, error)


@shared_task(soft_time_limit=60, time_limit=90)
def recover_training() -> None:
    """Give the runs and index jobs a worker whose worker died or never came."""
    for run in run_queue.recover_lost_runs():
        run_training.delay(run.pk)
    for job in index_jobs.recover_lost_jobs():
        index_jobs.send(job)


@shared_task(soft_time_limit=BUILDING_SECONDS, time_limit=BUILDING_SECONDS + 60)
def prepare_experiment(experiment_id: int) -> None:
    """Build and verify the challenger's collection, then let the experiment run."""
    try:
        lifecycle.prepare(Experiment.objects.get(pk=experiment_id))
    except (*PASSING, Experiment.DoesNotExist, ExperimentEnded) as error:
        logger.warning("experiment %s is not prepared: %s", experiment_id, error)


@shared_task(soft_time_limit=60, time_limit=90)
def watch_experiment() -> None:
    """Prepare what no worker has prepared, and end what can no longer go on."""
    for experiment in lifecycle.unprepared():
        lifecycle.send(experiment)
    try:
        lifecycle.watch_experiment()
    except (VectorIndexUnavailable, VectorIndexInvalid, ExperimentEnded) as error:
        logger.info("the experiment is looked at later: %s", error)


@shared_task(soft_time_limit=120, time_limit=150)
def compare_shadow_lists() -> None:
    """Compute lists served lately with both versions, while an experiment runs in shadow mode."""
    try:
        compare_waiting()
    except PASSING as error:
        logger.info("lists are compared later: %s", error)


@shared_task(soft_time_limit=60, time_limit=90)
def start_planned_trainings() -> None:
    """Start the training whose plan is due."""
    for run in start_due_plans():
        run_training.delay(run.pk)


@shared_task(soft_time_limit=BUILDING_SECONDS, time_limit=BUILDING_SECONDS + 60)
def run_index_job(job_id: int) -> None:
    """Compare, repair or rebuild the index; the job's row keeps what became of it."""
    try:
        index_jobs.execute_job(IndexJob.objects.get(pk=job_id))
    except (*PASSING, *REFUSED, IndexJob.DoesNotExist, JobCancelled) as error:
        logger.warning("index job %s: %s", job_id, error)


@shared_task(soft_time_limit=1800, time_limit=1860)
def reconcile_index() -> None:
    """Compare the catalogue with Milvus and mend what differs; what it was is kept as an index job."""
    try:
        job = index_jobs.reconcile()
    except (*PASSING, JobCancelled) as error:
        logger.info("the index is compared later: %s", error)
    else:
        if number := index_jobs.found_movies(job):
            logger.warning("mended the index: %s movies, see %s", number, job)
    try:
        if drift := repair_challenger():
            logger.warning("mended the challenger's index: movies %s", drift.movie_ids[:20])
    except PASSING as error:
        logger.info("the challenger's index is compared later: %s", error)


@shared_task(soft_time_limit=600, time_limit=660)
def forget_deleted_people() -> None:
    """Take the embeddings of deleted people out of the stored models."""
    try:
        forgotten = forgetting.forget_deleted_people()
    except PASSING as error:
        logger.info("deleted people leave the models later: %s", error)
    else:
        logger.info("%s embeddings of deleted people forgotten", forgotten)


@shared_task(soft_time_limit=600, time_limit=660)
def remove_old_versions() -> None:
    """Remove the model versions that nobody needs any more."""
    try:
        removed = retention.remove_old_versions()
    except (*PASSING, VectorIndexInvalid) as error:
        logger.info("old model versions stay for now: %s", error)
    else:
        logger.info("model versions removed: %s", [version.number for version in removed])


@shared_task(soft_time_limit=600, time_limit=660)
def check_drift() -> None:
    """Measure drift and keep a report; what is beyond its limit is logged."""
    checking.check_drift()


@shared_task(soft_time_limit=1800, time_limit=1860)
def purge_served_lists() -> None:
    """Forget the lists that are older than SERVED_LISTS_KEPT_DAYS."""
    logger.info("%s served lists forgotten", forget_outdated_lists())


@shared_task(
    soft_time_limit=1800,
    time_limit=1860,
    autoretry_for=(PrecomputingInterrupted,),
    retry_backoff=10,
    max_retries=10,
)
def precompute_shard(first: int, last: int, folder: str, limit: int) -> None:
    """Write the lists of the users of one shard."""
    compute_shard(Shard(first, last), Path(folder), limit=limit)
