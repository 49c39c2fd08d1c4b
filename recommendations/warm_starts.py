"""Which model a training goes on from that is asked to start warm."""

from recommendations.forgetting import people_left_since
from recommendations.live_model import NoActiveModel, live_model, load_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.run_journal import RunJournal
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable

NOT_CARRIED = ("epochs", "max_seconds")  # of the configuration: how long to train is decided anew


def earlier_model(run: TrainingRun, journal: RunJournal) -> ServingModel | None:
    """The model of the version that the run began from, or else of the live one; None for a full training.

    Whoever asked for a warm start gets a full training where none is possible, and the journal says why.
    """
    if not run.warm_start:
        return None
    try:
        version = _base(run)
        model = load_model(version)
    except (NoActiveModel, VectorIndexUnavailable) as error:
        train_in_full(run, journal, str(error))
        return None
    if obstacle := _obstacle(run, version, model):
        train_in_full(run, journal, obstacle)
        return None
    if run.base_version != version.number:
        _remember(run, version.number)
    journal.note(f"goes on from the weights of {version}")
    return model


def configuration(run: TrainingRun, earlier: ServingModel | None) -> TwoTowerConfig:
    """That of the run; what it does not name is as in the earlier model, whose towers it goes on with."""
    if earlier is None:
        return TwoTowerConfig.from_dict(run.config)
    inherited = {name: of for name, of in earlier.config.to_dict().items() if name not in NOT_CARRIED}
    return TwoTowerConfig.from_dict(inherited | run.config)


def train_in_full(run: TrainingRun, journal: RunJournal, reason: str) -> None:
    """Remember that the run starts from nothing after all."""
    journal.note(f"a full training: {reason}")
    _remember(run, None)


def _obstacle(run: TrainingRun, version: ModelVersion, model: ServingModel) -> str:
    """Why the run may not go on from `version`; nothing if it may."""
    if people_left_since(version):
        return f"people who taught {version} something were deleted since"
    before = model.config.validation_users
    held_out = run.config.get("validation_users", before)
    if held_out > before:  # the model would be asked about people whom it was trained on
        return f"it may hold out {held_out} people, {version} held out {before} at most"
    return ""


def _base(run: TrainingRun) -> ModelVersion:
    number = run.base_version or live_model().version
    version = ModelVersion.objects.stored().filter(number=number).first()
    if version is None:
        raise NoActiveModel(f"version {number}, which it began from, was removed")
    return version


def _remember(run: TrainingRun, number: int | None) -> None:
    run.base_version = number
    run.save(update_fields=["base_version"])
