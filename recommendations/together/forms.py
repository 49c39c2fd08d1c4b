"""Forms of the pages of groups."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import YearsMixin
from catalog.models import WatchGroup
from recommendations.together.picking import GroupRequest

STEP, MOST = 12, 60  # movies added by "show more", and the longest list


class GroupForm(forms.ModelForm):
    class Meta:
        model = WatchGroup
        fields = ("name",)
        labels = {"name": _("Name of the group")}


class InviteForm(forms.Form):
    name = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class GroupListForm(YearsMixin):
    limit = forms.IntegerField(min_value=1, max_value=MOST, required=False, widget=forms.HiddenInput)

    def group_request(self) -> GroupRequest:
        return GroupRequest(**{"limit": STEP} | self.filled())
