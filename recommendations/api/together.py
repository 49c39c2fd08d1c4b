"""Groups that watch together over HTTP. A group of others is not found."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import watch_groups
from catalog.api.person import person
from catalog.api.serializers import MovieSerializer
from catalog.models import Genre, GroupLink, Invitation, WatchGroup
from catalog.watch_groups import GroupRefused
from movierec.api_views import StrictQuery
from recommendations.api.serializers import ReasonSerializer
from recommendations.together.picking import GroupRequest, pick_together

MOST_PICKS = 60
GROUP = {
    "id": 3,
    "name": "Fridays",
    "owner": "ada",
    "members": [{"username": "ada", "rewatches": False}, {"username": "ben", "rewatches": False}],
    "created_at": "2026-11-24T08:00:00Z",
}
ENDED = {204: OpenApiResponse(description="Done")}


class MemberSerializer(serializers.Serializer):
    username = serializers.CharField(source="user.username")
    rewatches = serializers.BooleanField(help_text="Would watch a movie again that they have seen.")


@extend_schema_serializer(
    examples=[
        OpenApiExample("A group", GROUP, response_only=True),
        OpenApiExample("A new group", {"name": "Fridays"}, request_only=True),
    ]
)
class GroupSerializer(serializers.ModelSerializer):
    owner = serializers.CharField(source="owner.username", read_only=True)
    members = MemberSerializer(source="memberships.all", many=True, read_only=True)

    class Meta:
        model = WatchGroup
        fields = ["id", "name", "owner", "members", "created_at"]


@extend_schema_serializer(examples=[OpenApiExample("Invite", {"username": "ben"}, request_only=True)])
class InviteeSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)


@extend_schema_serializer(examples=[OpenApiExample("An example", {"rewatches": True}, request_only=True)])
class RewatchSerializer(serializers.Serializer):
    rewatches = serializers.BooleanField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An answer",
            {"id": 4, "group": "Fridays", "owner": "ada", "expires_at": "2026-12-01T08:00:00Z"},
            response_only=True,
        )
    ]
)
class InvitationSerializer(serializers.ModelSerializer):
    group = serializers.CharField(source="group.name", read_only=True)
    owner = serializers.CharField(source="group.owner.username", read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "group", "owner", "expires_at"]
        read_only_fields = fields


@extend_schema_serializer(examples=[OpenApiExample("Agree", {"accept": True}, request_only=True)])
class AnswerSerializer(serializers.Serializer):
    accept = serializers.BooleanField(
        help_text="Who joins agrees that the others see their name and what is predicted for them."
    )


@extend_schema_serializer(
    examples=[OpenApiExample("An example", {"token": "1f0c…:k3Jx…"}, request_only=True)]
)
class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An answer", {"token": "1f0c:k3Jx", "expires_at": "2026-12-01T08:00:00Z"}, response_only=True
        )
    ]
)
class LinkSerializer(serializers.ModelSerializer):
    token = serializers.CharField(read_only=True, help_text="Whoever has it may join until it expires.")

    class Meta:
        model = GroupLink
        fields = ["token", "expires_at"]
        read_only_fields = fields


class GroupListRequestSerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_PICKS, default=12)
    genre = serializers.SlugRelatedField("slug", queryset=Genre.objects.all(), required=False)
    year_min = serializers.IntegerField(min_value=0, max_value=9999, required=False)
    year_max = serializers.IntegerField(min_value=0, max_value=9999, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("year_min", 0) > attrs.get("year_max", 9999):
            raise serializers.ValidationError({"year_max": "Must not be before year_min."}, code="years")
        return attrs

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


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Nobody rated",
            {"personal": False, "model_version": None, "notice": "", "results": []},
            response_only=True,
        )
    ]
)
class GroupListSerializer(serializers.Serializer):
    personal = serializers.BooleanField(help_text="False: popular movies; `notice` says why.")
    model_version = serializers.IntegerField(allow_null=True)
    notice = serializers.CharField()
    results = GroupPickSerializer(many=True)


class Groups(StrictQuery):
    permission_classes = (IsAuthenticated,)

    def group(self, group_id: int) -> WatchGroup:
        return get_object_or_404(WatchGroup.objects.of(person(self.request)).with_members(), pk=group_id)

    def own_group(self, group_id: int) -> WatchGroup:
        return get_object_or_404(WatchGroup, pk=group_id, owner=person(self.request))


class GroupCollection(Groups):
    @extend_schema(operation_id="together_list", responses=GroupSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your groups, newest first."""
        groups = WatchGroup.objects.of(person(request)).with_members()
        return Response(GroupSerializer(groups, many=True).data)

    @extend_schema(request=GroupSerializer, responses={201: GroupSerializer})
    def post(self, request: Request) -> Response:
        """Make a group, of which you are the first member."""
        body = GroupSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = _or_refuse(watch_groups.create_group, person(request), name=body.validated_data["name"])
        return Response(GroupSerializer(self.group(made.pk)).data, status.HTTP_201_CREATED)


class GroupDetail(Groups):
    @extend_schema(responses=GroupSerializer)
    def get(self, request: Request, group_id: int) -> Response:
        """One of your groups."""
        return Response(GroupSerializer(self.group(group_id)).data)

    @extend_schema(responses=ENDED)
    def delete(self, request: Request, group_id: int) -> Response:
        """End the group for everybody; for its owner."""
        self.own_group(group_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class GroupRecommendations(Groups):
    query_serializer = GroupListRequestSerializer

    @extend_schema(responses=GroupListSerializer)
    def get(self, request: Request, group_id: int) -> Response:
        """What to watch together: no movie that somebody has seen, with the outlook for each member."""
        wanted = self.asked().group_request()
        members = list(self.group(group_id).memberships.all())
        return Response(GroupListSerializer(pick_together(members, wanted)).data)


class GroupInvitations(Groups):
    @extend_schema(request=InviteeSerializer, responses={202: OpenApiResponse(description="Accepted")})
    def post(self, request: Request, group_id: int) -> Response:
        """Invite somebody by user name; the answer is the same whether or not anybody bears it."""
        body = InviteeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        _or_refuse(watch_groups.invite, self.own_group(group_id), body.validated_data["username"])
        return Response(status=status.HTTP_202_ACCEPTED)


class GroupLinkDetail(Groups):
    @extend_schema(request=None, responses={201: LinkSerializer})
    def post(self, request: Request, group_id: int) -> Response:
        """Make a link into the group; the one before ends."""
        link = watch_groups.make_link(self.own_group(group_id))
        return Response(LinkSerializer(link).data, status.HTTP_201_CREATED)

    @extend_schema(responses=ENDED)
    def delete(self, request: Request, group_id: int) -> Response:
        """End the link."""
        watch_groups.revoke_link(self.own_group(group_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnMembership(Groups):
    @extend_schema(request=RewatchSerializer, responses=GroupSerializer)
    def patch(self, request: Request, group_id: int) -> Response:
        """Say whether you would watch a movie again."""
        group = self.group(group_id)
        body = RewatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        watch_groups.allow_rewatching(person(request), group, allowed=body.validated_data["rewatches"])
        return Response(GroupSerializer(self.group(group_id)).data)

    @extend_schema(responses=ENDED)
    def delete(self, request: Request, group_id: int) -> Response:
        """Leave the group. Its owner cannot leave it, only delete it."""
        _or_refuse(watch_groups.leave, person(request), self.group(group_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GroupMember(Groups):
    @extend_schema(responses=ENDED)
    def delete(self, request: Request, group_id: int, username: str) -> Response:
        """Remove a member, and the link by which they could come back; for the owner."""
        group = self.own_group(group_id)
        member = get_object_or_404(group.memberships.select_related("user"), user__username=username)
        _or_refuse(watch_groups.remove_member, group, member.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationList(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=InvitationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Invitations that wait for your answer."""
        waiting = Invitation.objects.waiting_for(person(request))
        return Response(InvitationSerializer(waiting, many=True).data)


class InvitationAnswer(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="together_invitations_answer", request=AnswerSerializer, responses=ENDED)
    def post(self, request: Request, invitation_id: int) -> Response:
        """Accept, which makes you a member, or decline, of which nobody is told."""
        invitation = get_object_or_404(Invitation.objects.waiting_for(person(request)), pk=invitation_id)
        body = AnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        _or_refuse(watch_groups.accept if body.validated_data["accept"] else watch_groups.decline, invitation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Joining(Groups):
    @extend_schema(request=TokenSerializer, responses=GroupSerializer)
    def post(self, request: Request) -> Response:
        """Join the group that a link leads to."""
        body = TokenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        joined = _or_refuse(watch_groups.join_by_link, person(request), body.validated_data["token"])
        return Response(GroupSerializer(self.group(joined.pk)).data)


def _or_refuse(change: Any, *args: Any, **kwargs: Any) -> Any:
    """The result of `change`; 400 with the reason when the group does not admit it."""
    try:
        return change(*args, **kwargs)
    except GroupRefused as error:
        raise ValidationError([ErrorDetail(str(error), code=error.code)]) from error
