"""The two ways into a group: a link, and an invitation by user name."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import watch_groups
from catalog.api import examples
from catalog.api.person import person
from catalog.models import GroupLink, Invitation, WatchGroup
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery
from recommendations.api.together.groups import ENDED, Groups, GroupSerializer, or_refuse

UNTIL = "2026-12-01T08:00:00Z"
LINK = {"token": "1f0c:k3Jx", "expires_at": UNTIL}
INVITATION = {"id": 4, "group": "Fridays", "owner": "ada", "expires_at": UNTIL}


@extend_schema_serializer(examples=examples.body("Invite", {"username": "ben"}))
class InviteeSerializer(JsonBody):
    username = serializers.CharField(max_length=150)


@extend_schema_serializer(
    examples=examples.answer("One that waits", {"id": 4, "username": "ben", "expires_at": UNTIL})
)
class SentInvitationSerializer(serializers.ModelSerializer):
    username = serializers.CharField(source="name", read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "username", "expires_at"]
        read_only_fields = fields


@extend_schema_serializer(examples=examples.answer("One that waits for you", INVITATION))
class InvitationSerializer(serializers.ModelSerializer):
    group = serializers.CharField(source="group.name", read_only=True)
    owner = serializers.CharField(source="group.owner.username", read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "group", "owner", "expires_at"]
        read_only_fields = fields


@extend_schema_serializer(examples=examples.body("Agree", {"accept": True}))
class AnswerSerializer(JsonBody):
    accept = serializers.BooleanField(
        help_text="Who joins agrees that the others see their name and what is predicted for them."
    )


@extend_schema_serializer(examples=examples.body("The token of a link", {"token": "1f0c…:k3Jx…"}))
class TokenSerializer(JsonBody):
    token = serializers.CharField(max_length=200, trim_whitespace=False)


@extend_schema_serializer(examples=examples.answer("A link", LINK))
class LinkSerializer(serializers.ModelSerializer):
    token = serializers.CharField(read_only=True, help_text="Whoever has it may join until it expires.")

    class Meta:
        model = GroupLink
        fields = ["token", "expires_at"]
        read_only_fields = fields


@extend_schema_serializer(
    examples=examples.answer("A group", {"name": "Fridays", "owner": "ada", "members": ["ada", "ben"]})
)
class DoorSerializer(serializers.Serializer):
    """What one sees of a group before joining."""

    name = serializers.CharField()
    owner = serializers.CharField(source="owner.username")
    members = serializers.SerializerMethodField(help_text="User names.")

    def get_members(self, group: WatchGroup) -> list[str]:
        return [member.user.username for member in group.memberships.all()]


class GroupInvitations(Groups):
    @extend_schema(operation_id="together_invitations_sent", responses=SentInvitationSerializer(many=True))
    def get(self, request: Request, group_id: int) -> Response:
        """Invitations of your group that have not expired; for the owner."""
        sent = self.own_group(group_id).invitations.open().order_by("name")
        return Response(SentInvitationSerializer(sent, many=True).data)

    @extend_schema(request=InviteeSerializer, responses={202: OpenApiResponse(description="Accepted")})
    def post(self, request: Request, group_id: int) -> Response:
        """Invite somebody by user name; the answer is the same whether or not anybody bears it."""
        body = InviteeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        or_refuse(watch_groups.invite, self.own_group(group_id), body.validated_data["username"])
        return Response(status=status.HTTP_202_ACCEPTED)


class GroupInvitation(Groups):
    @extend_schema(operation_id="together_invitations_withdraw", responses=ENDED)
    def delete(self, request: Request, group_id: int, invitation_id: int) -> Response:
        """Take an invitation back; for the owner."""
        invitations = self.own_group(group_id).invitations.all()
        watch_groups.withdraw(get_object_or_404(invitations, pk=invitation_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GroupLinkDetail(Groups):
    @extend_schema(responses=LinkSerializer)
    def get(self, request: Request, group_id: int) -> Response:
        """The link into the group; 404 when there is none. For the owner."""
        link = watch_groups.open_link(self.own_group(group_id))
        if link is None:
            raise Http404
        return Response(LinkSerializer(link).data)

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
        or_refuse(watch_groups.accept if body.validated_data["accept"] else watch_groups.decline, invitation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Joining(Groups):
    query_serializer = TokenSerializer

    @extend_schema(operation_id="together_join_retrieve", responses=DoorSerializer)
    def get(self, request: Request) -> Response:
        """What group a link leads to, before you agree."""
        group = or_refuse(watch_groups.group_behind, self.asked().validated_data["token"])
        return Response(DoorSerializer(group).data)

    @extend_schema(request=TokenSerializer, responses=GroupSerializer)
    def post(self, request: Request) -> Response:
        """Join the group that a link leads to."""
        body = TokenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        joined = or_refuse(watch_groups.join_by_link, person(request), body.validated_data["token"])
        return Response(GroupSerializer(self.group(joined.pk)).data)
