"""Addresses below /accounts/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from catalog.models import Mark
from catalog.views import accounts, bring, export, leaving, mine
from catalog.views.taste import taste

urlpatterns = [
    path("login/", accounts.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("signup/", accounts.sign_up, name="signup"),
    path("taste/", taste, name="taste"),
    path("profile/", accounts.profile, name="profile"),
    path("password/", accounts.ChangePassword.as_view(), name="change-password"),
    path("delete/", leaving.delete_account, name="delete-account"),
    path("restore/", leaving.restore, name="restore-account"),
    path("import/", bring.choose_file, name="import-ratings"),
    path("import/confirm/", bring.confirm_import, name="confirm-import"),
    path("import/report/", bring.import_report, name="import-report"),
    path("export/ratings.csv", export.export_ratings, name="export-ratings"),
    path("export/data.json", export.export_everything, name="export-everything"),
    path("export/data.zip", export.export_tables, name="export-tables"),
    path("ratings/", mine.my_ratings, name="my-ratings"),
    path("my-taste/", mine.my_taste, name="my-taste"),
    path("watchlist/", mine.my_list, {"kind": Mark.Kind.WATCHLIST}, name="watchlist"),
    path("hidden/", mine.my_list, {"kind": Mark.Kind.HIDDEN}, name="hidden-movies"),
    path("unfinished/", mine.my_list, {"kind": Mark.Kind.UNFINISHED}, name="unfinished-movies"),
]
