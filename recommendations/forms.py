"""The filters of the personal list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import YearsMixin
from catalog.templatetags.movies import starred
from catalog.widgets import PlainSelect
from recommendations.serving import ListRequest

STARS = [("", _("any stars")), *((f"{half / 2:g}", f"{starred(half / 2)} ★") for half in range(5, 10))]
STEP, MOST = 20, 100  # movies added by "show more", and the longest list


class ListForm(YearsMixin):
    diversity = forms.IntegerField(label=_("Variety"), min_value=0, max_value=100, required=False)
    obscurity = forms.IntegerField(label=_("Well known or not"), min_value=0, max_value=100, required=False)
    min_predicted_rating = forms.ChoiceField(
        label=_("Predicted, at least"), choices=STARS, required=False, widget=PlainSelect
    )
    limit = forms.IntegerField(min_value=1, max_value=MOST, required=False, widget=forms.HiddenInput)

    def list_request(self) -> ListRequest:
        filled = self.filled()
        return ListRequest(
            limit=filled.get("limit", STEP),
            genre=filled.get("genre"),
            year_min=filled.get("year_min"),
            year_max=filled.get("year_max"),
            diversity=filled.get("diversity", 0) / 100,
            obscurity=filled.get("obscurity", 50) / 100,
            min_predicted_rating=float(least) if (least := filled.get("min_predicted_rating")) else None,
        )


class WeightForm(forms.Form):
    weight = forms.ChoiceField(choices=[("1", ""), ("0.5", ""), ("0", "")])
