"""Home and the personal list."""

from django.urls import path

from recommendations.views import home, personal_list

urlpatterns = [
    path("", home, name="home"),
    path("recommendations/", personal_list, name="recommendations"),
]
