"""The list of a group: what to watch together."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.fields import YearsSerializer
from catalog.api.serializers import MovieSerializer
from catalog.models import Genre
from recommendations.api.serializers import ReasonSerializer
from recommendations.api.together.groups import Groups
from recommendations.together.picking import GroupRequest, pick_together

MOST_PICKS = 60
OUTLOOK = {
    "username": "ada",
    "predicted_rating": 4.1,
    "content": True,
    "because": {"id": 1240, "title": "The Terminator", "your_rating": 5.0},
    "is_new": False,
}
LIST: dict[str, Any] = {
    "personal": True,
    "model_version": 3,
    "rewatching": False,
    "notice": "",
    "results": [{"movie": examples.MOVIE, "members": [OUTLOOK]}],
}


class GroupListRequestSerializer(YearsSerializer):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_PICKS, default=12)
    genre = serializers.SlugRelatedField("slug", queryset=Genre.objects.all(), required=False)

    def group_request(self) -> GroupRequest:
        asked = dict(self.validated_data)
        if "genre" in asked:
            asked["genre"] = asked["genre"].slug
        return GroupRequest(**asked)


class OutlookSerializer(serializers.Serializer):
    username = serializers.CharField(source="user.username")
    predicted_rating = serializers.FloatField(help_text="Stars, 0.5 to 5.")
    content = serializers.BooleanField(help_text="False: may not enjoy it.")
    because = ReasonSerializer(allow_null=True)
    is_new = serializers.BooleanField(help_text="Has rated nothing: predicted from what people give.")


class GroupPickSerializer(serializers.Serializer):
    movie = MovieSerializer()
    members = OutlookSerializer(source="outlooks", many=True)


@extend_schema_serializer(examples=examples.answer("For one", LIST))
class GroupListSerializer(serializers.Serializer):
    personal = serializers.BooleanField(help_text="False: popular movies; `notice` says why.")
    model_version = serializers.IntegerField(allow_null=True)
    rewatching = serializers.BooleanField(help_text="What members have seen is listed, too: all agree.")
    notice = serializers.CharField()
    results = GroupPickSerializer(many=True)


class GroupRecommendations(Groups):
    query_serializer = GroupListRequestSerializer

    @extend_schema(responses=GroupListSerializer)
    def get(self, request: Request, group_id: int) -> Response:
        """What to watch together: no movie that somebody has seen, with the outlook for each member.

        What members have rated is listed once each of them has sent `rewatches` to `me/`.
        """
        wanted = self.asked().group_request()
        members = list(self.group(group_id).memberships.all())
        return Response(GroupListSerializer(pick_together(members, wanted)).data)
