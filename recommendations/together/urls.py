"""Addresses below /together/."""

from django.urls import path

from recommendations.together import views

urlpatterns = [
    path("", views.overview, name="together"),
    path("join/<str:token>/", views.join, name="join-group"),
    path("invitations/<int:invitation_id>/", views.answer_invitation, name="answer-invitation"),
    path("<int:group_id>/", views.group, name="group"),
    path("<int:group_id>/invite/", views.invite, name="invite-to-group"),
    path(
        "<int:group_id>/invitations/<int:invitation_id>/withdraw/",
        views.withdraw,
        name="withdraw-invitation",
    ),
    path("<int:group_id>/link/", views.make_link, name="make-group-link"),
    path("<int:group_id>/link/revoke/", views.revoke_link, name="revoke-group-link"),
    path("<int:group_id>/rewatch/", views.rewatch, name="rewatch-in-group"),
    path("<int:group_id>/members/<int:user_id>/remove/", views.remove_member, name="remove-member"),
    path("<int:group_id>/leave/", views.leave, name="leave-group"),
    path("<int:group_id>/delete/", views.delete, name="delete-group"),
]
