from django.urls import path

from recommendations.api.feedback import ListFeedbackView
from recommendations.api.operators.experiments import (
    ExperimentDetail,
    ExperimentList,
    ExperimentPromotion,
    ExperimentStop,
)
from recommendations.api.operators.index import Index
from recommendations.api.operators.jobs import IndexJobs, JobDetail, JobList, Trainings
from recommendations.api.operators.model_versions import (
    ModelVersionDetail,
    ModelVersionList,
    ModelVersionPromotion,
    Rollback,
)
from recommendations.api.operators.people import RecommendationsOfUser
from recommendations.api.rows import HomeRows
from recommendations.api.taste import Hindsight, MoviePrediction
from recommendations.api.together import groups, ways_in
from recommendations.api.together.picks import GroupRecommendations
from recommendations.api.views import Recommendations, SimilarMovies, WhyRecommended

urlpatterns = [
    path("movies/<id:movie_id>/similar/", SimilarMovies.as_view(), name="api-similar-movies"),
    path("experiments/", ExperimentList.as_view(), name="api-experiments"),
    path("experiments/<id:experiment_id>/", ExperimentDetail.as_view(), name="api-experiment"),
    path("experiments/<id:experiment_id>/stop/", ExperimentStop.as_view(), name="api-experiment-stop"),
    path(
        "experiments/<id:experiment_id>/promote/",
        ExperimentPromotion.as_view(),
        name="api-experiment-promotion",
    ),
    path("index/", Index.as_view(), name="api-index"),
    path("index/jobs/", IndexJobs.as_view(), name="api-index-jobs"),
    path("jobs/", JobList.as_view(), name="api-jobs"),
    path("jobs/<str:job_id>/", JobDetail.as_view(), name="api-job"),
    path("model-versions/", ModelVersionList.as_view(), name="api-model-versions"),
    path("model-versions/rollback/", Rollback.as_view(), name="api-rollback"),
    path("model-versions/<id:number>/", ModelVersionDetail.as_view(), name="api-model-version"),
    path("model-versions/<id:number>/promote/", ModelVersionPromotion.as_view(), name="api-promotion"),
    path("trainings/", Trainings.as_view(), name="api-trainings"),
    path("users/<id:user_id>/recommendations/", RecommendationsOfUser.as_view(), name="api-user-list"),
    path(
        "recommendations/lists/<uuid:list_id>/feedback/", ListFeedbackView.as_view(), name="api-list-feedback"
    ),
    path("recommendations/", Recommendations.as_view(), name="api-recommendations"),
    path("recommendations/<id:movie_id>/why/", WhyRecommended.as_view(), name="api-why"),
    path("recommendations/rows/", HomeRows.as_view(), name="api-rows"),
    path("taste/hindsight/", Hindsight.as_view(), name="api-hindsight"),
    path("movies/<id:movie_id>/prediction/", MoviePrediction.as_view(), name="api-prediction"),
    path("together/", groups.GroupCollection.as_view(), name="api-groups"),
    path("together/join/", ways_in.Joining.as_view(), name="api-join-group"),
    path("together/invitations/", ways_in.InvitationList.as_view(), name="api-invitations"),
    path(
        "together/invitations/<id:invitation_id>/",
        ways_in.InvitationAnswer.as_view(),
        name="api-invitation",
    ),
    path("together/<id:group_id>/", groups.GroupDetail.as_view(), name="api-group"),
    path("together/<id:group_id>/me/", groups.OwnMembership.as_view(), name="api-membership"),
    path("together/<id:group_id>/members/<str:username>/", groups.GroupMember.as_view(), name="api-member"),
    path("together/<id:group_id>/link/", ways_in.GroupLinkDetail.as_view(), name="api-group-link"),
    path("together/<id:group_id>/invitations/", ways_in.GroupInvitations.as_view(), name="api-invite"),
    path(
        "together/<id:group_id>/invitations/<id:invitation_id>/",
        ways_in.GroupInvitation.as_view(),
        name="api-sent-invitation",
    ),
    path("together/<id:group_id>/recommendations/", GroupRecommendations.as_view(), name="api-group-list"),
]
