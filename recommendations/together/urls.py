"""Addresses below /together/."""

from django.urls import path

from recommendations.together import views

urlpatterns = [
    path("", views.overview, name="together"),
    path("join/<str:token>/", views.join, name="join-group"),
    path("invitations/<id:invitation_id>/", views.answer_invitation, name="answer-invitation"),
    path("<id:group_id>/", views.group, name="group"),
    path("<id:group_id>/invite/", views.invite, name="invite-to-group"),
    path(
        "<id:group_id>/invitations/<id:invitation_id>/withdraw/",
        views.withdraw,
        name="withdraw-invitation",
    ),
    path("<id:group_id>/link/", views.make_link, name="make-group-link"),
    path("<id:group_id>/link/revoke/", views.revoke_link, name="revoke-group-link"),
    path("<id:group_id>/rewatch/", views.rewatch, name="rewatch-in-group"),
    path("<id:group_id>/members/<id:user_id>/remove/", views.remove_member, name="remove-member"),
    path("<id:group_id>/leave/", views.leave, name="leave-group"),
    path("<id:group_id>/delete/", views.delete, name="delete-group"),
]
