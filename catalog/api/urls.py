from django.urls import path

from catalog.api import account, browse, joining, own, tokens, views
from catalog.api.bring import ImportPreview
from catalog.api.bulk import BulkMovies
from catalog.api.influence import RatingInfluence
from catalog.api.rating_batch import RatingBatch
from catalog.models import Mark

watchlist, on_watchlist = own.views_of(Mark.Kind.WATCHLIST, "watchlist")
hidden, is_hidden = own.views_of(Mark.Kind.HIDDEN, "hidden movies")
unfinished, is_unfinished = own.views_of(Mark.Kind.UNFINISHED, "movies that you did not finish")

urlpatterns = [
    path("account/", joining.SignUp.as_view(), name="api-sign-up"),
    path("account/restoration/", joining.Restoration.as_view(), name="api-restoration"),
    path("account/profile/", account.Profile.as_view(), name="api-profile"),
    path("account/password/", account.Password.as_view(), name="api-password"),
    path("account/deletion/", account.AccountDeletion.as_view(), name="api-account-deletion"),
    path("account/export/json/", account.ExportJson.as_view(), name="api-export-json"),
    path("account/export/ratings/", account.ExportRatings.as_view(), name="api-export-ratings"),
    path("account/export/csv/", account.ExportZip.as_view(), name="api-export-csv"),
    path("auth/token/", tokens.LogIn.as_view(), name="api-token"),
    path("auth/tokens/", tokens.TokenList.as_view(), name="api-tokens"),
    path("auth/tokens/<id:token_id>/", tokens.TokenDetail.as_view(), name="api-token-detail"),
    path("auth/tokens/<id:token_id>/rotate/", tokens.TokenRotation.as_view(), name="api-token-rotation"),
    path("genres/", views.GenreList.as_view(), name="api-genres"),
    path("movies/", views.MovieList.as_view(), name="api-movies"),
    path("movies/suggestions/", browse.Suggestions.as_view(), name="api-movie-suggestions"),
    path("movies/bulk/", BulkMovies.as_view(), name="api-movies-bulk"),
    path("movies/<id:movie_id>/", views.MovieDetail.as_view(), name="api-movie"),
    path("movies/<id:movie_id>/audience/", browse.Audience.as_view(), name="api-audience"),
    path("browse/", browse.Browse.as_view(), name="api-browse"),
    path("watchlist/", watchlist, name="api-watchlist"),
    path("watchlist/<id:movie_id>/", on_watchlist, name="api-on-watchlist"),
    path("hidden/", hidden, name="api-hidden"),
    path("hidden/<id:movie_id>/", is_hidden, name="api-is-hidden"),
    path("unfinished/", unfinished, name="api-unfinished"),
    path("unfinished/<id:movie_id>/", is_unfinished, name="api-is-unfinished"),
    path("taste/", own.OwnTaste.as_view(), name="api-taste"),
    path("taste/suggestions/", own.MoviesToRate.as_view(), name="api-suggestions"),
    path("ratings/import/preview/", ImportPreview.as_view(), name="api-import-preview"),
    path("ratings/batch/", RatingBatch.as_view(), name="api-rating-batch"),
    path("ratings/", views.RatingList.as_view(), name="api-ratings"),
    path("ratings/<id:movie_id>/influence/", RatingInfluence.as_view(), name="api-influence"),
    path("ratings/<id:movie_id>/", views.RatingDetail.as_view(), name="api-rating"),
]
