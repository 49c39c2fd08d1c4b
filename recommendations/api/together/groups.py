"""Groups and their members."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import watch_groups
from catalog.api import examples
from catalog.api.person import person
from catalog.models import WatchGroup
from catalog.watch_groups import GroupRefused
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery

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
    examples=[*examples.answer("A group", GROUP), *examples.body("A new group", {"name": "Fridays"})]
)
class GroupSerializer(JsonBody, serializers.ModelSerializer):
    owner = serializers.CharField(source="owner.username", read_only=True)
    members = MemberSerializer(source="memberships.all", many=True, read_only=True)

    class Meta:
        model = WatchGroup
        fields = ["id", "name", "owner", "members", "created_at"]


@extend_schema_serializer(examples=examples.body("Whatever it is", {"rewatches": True}))
class RewatchSerializer(JsonBody):
    rewatches = serializers.BooleanField()


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
        made = or_refuse(watch_groups.create_group, person(request), name=body.validated_data["name"])
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
        or_refuse(watch_groups.leave, person(request), self.group(group_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GroupMember(Groups):
    @extend_schema(responses=ENDED)
    def delete(self, request: Request, group_id: int, username: str) -> Response:
        """Remove a member, and the link by which they could come back; for the owner."""
        group = self.own_group(group_id)
        member = get_object_or_404(group.memberships.select_related("user"), user__username=username)
        or_refuse(watch_groups.remove_member, group, member.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def or_refuse(change: Any, *args: Any, **kwargs: Any) -> Any:
    """The result of `change`; 400 with the reason when the group does not admit it."""
    try:
        return change(*args, **kwargs)
    except GroupRefused as error:
        raise ValidationError([ErrorDetail(str(error), code=error.code)]) from error
