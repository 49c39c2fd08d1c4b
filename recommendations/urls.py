"""Home and the personal list."""

from django.urls import include, path

from recommendations.views import home, less_used, personal_list, weigh, why_page

urlpatterns = [
    path("", home, name="home"),
    path("recommendations/", personal_list, name="recommendations"),
    path("recommendations/less-used/", less_used, name="less-used"),
    path("recommendations/<id:movie_id>/why/", why_page, name="why"),
    path("recommendations/<id:movie_id>/weight/", weigh, name="weigh-rating"),
    path("together/", include("recommendations.together.urls")),
]
