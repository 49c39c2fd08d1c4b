"""Who may operate the recommender, and how its refusals are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.models import User
from movierec.api_views import StrictQuery
from movierec.faults import Conflict, EngineUnavailable
from recommendations.experiments.ending import ExperimentEnded
from recommendations.experiments.lifecycle import ExperimentRefused
from recommendations.index_jobs import JobEnded
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.promotion import PromotionRefused
from recommendations.run_queue import RunEnded
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

CONFLICTS = {
    PromotionRefused: "refused",
    LeaseTaken: "busy",
    NoActiveModel: "no_live_model",
    VectorIndexInvalid: "index_invalid",
    RunEnded: "ended",
    JobEnded: "ended",
    ExperimentRefused: "refused",
    ExperimentEnded: "ended",
}


class MayOperateModels(BasePermission):
    """The permissions of the panel: to view model versions, and to change them."""

    message = _("You need the permission to view or change model versions.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        verb = "view" if request.method in SAFE_METHODS else "change"
        may_change = request.user.has_perm("recommendations.change_modelversion")
        return may_change or request.user.has_perm(f"recommendations.{verb}_modelversion")


class OperatorView(StrictQuery):
    permission_classes = (IsAdminUser, MayOperateModels)


def operator(request: Request) -> User:
    """Who asks, where the permissions have let them pass."""
    return cast(User, request.user)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn what the services refuse into 409, and an index that is away into 503."""
    try:
        yield
    except VectorIndexUnavailable as error:
        raise EngineUnavailable(_("The vector index does not answer right now.")) from error
    except tuple(CONFLICTS) as error:
        code = next(code for kind, code in CONFLICTS.items() if isinstance(error, kind))
        raise Conflict(str(error), code=code) from error
