"""Forms of the site."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.browsing import Wishes
from catalog.genre_names import translated_genre
from catalog.models import Genre, Mark, Rating, User
from catalog.models.rating import validate_rated_at
from catalog.own_ratings.unpacking import MAX_ZIP_BYTES
from catalog.widgets import PlainSelect

FIRST_YEAR, LAST_YEAR = 1870, 2200
MOST_RATINGS = 1_000_000

ORDER_CHOICES = [
    ("popular", _("Most rated")),
    ("predicted", _("Best for me")),
    ("best", _("Best rated")),
    ("newest", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("title", _("Title")),
]
SHOWN_CHOICES = [
    ("", _("All movies")),
    ("unseen", _("Not seen by me")),
    ("seen", _("Seen by me")),
    ("watchlist", _("On my watchlist")),
]


def genre_choices() -> list[tuple[str, str]]:
    """Slugs and names in the reader's language, in the order of that language; one query."""
    names = [(slug, translated_genre(name)) for slug, name in Genre.objects.values_list("slug", "name")]
    return [("", str(_("All genres"))), *sorted(names, key=lambda choice: choice[1].casefold())]


class YearsMixin(forms.Form):
    """Genre and years, as every filter of movies has them."""

    genre = forms.ChoiceField(label=_("Genre"), required=False, widget=PlainSelect)
    year_min = forms.IntegerField(
        label=_("From year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False
    )
    year_max = forms.IntegerField(
        label=_("To year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["genre"].choices = genre_choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("year_min"), cleaned.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", _("This year lies before the first one."))
        return cleaned

    def filled(self) -> dict[str, Any]:
        """What was filled in and is valid; what is not valid is as if left empty, with its error shown."""
        self.is_valid()
        cleaned = getattr(self, "cleaned_data", {})
        return {name: value for name, value in cleaned.items() if value not in (None, "")}


class BrowseForm(YearsMixin):
    q = forms.CharField(label=_("Title"), max_length=100, required=False)
    order = forms.ChoiceField(label=_("Sort by"), choices=ORDER_CHOICES, required=False, widget=PlainSelect)
    ratings_min = forms.IntegerField(
        label=_("Ratings, at least"), min_value=1, max_value=MOST_RATINGS, required=False
    )
    shown = forms.ChoiceField(label=_("Show"), choices=SHOWN_CHOICES, required=False, widget=PlainSelect)

    field_order = ("q", "genre", "year_min", "year_max", "ratings_min", "shown", "order")

    def wishes(self) -> Wishes:
        filled = self.filled()
        return Wishes(words=filled.pop("q", ""), **filled)


class RatingForm(forms.ModelForm):
    """Stars, or nothing to take the rating back; `notify` asks for a message besides."""

    notify = forms.BooleanField(required=False)

    class Meta:
        model = Rating
        fields = ("stars",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stars"].required = False


class MarkForm(forms.Form):
    kind = forms.ChoiceField(choices=Mark.Kind)
    on = forms.BooleanField(required=False)
    shape = forms.ChoiceField(choices=[("buttons", ""), ("row", "")], required=False)


class UndoForm(forms.Form):
    """In the address of what undoes something: what it restores besides."""

    rated_at = forms.DateTimeField(required=False, validators=[validate_rated_at])
    watchlist = forms.BooleanField(required=False)

    def clean_rated_at(self) -> datetime | None:
        when: datetime | None = self.cleaned_data["rated_at"]
        return when and min(when, timezone.now())


class DemographicsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("gender", "age_group", "occupation", "zip_code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("gender", "age_group", "occupation"):
            choices = list(self.fields[name].choices)  # type: ignore[attr-defined]
            self.fields[name].choices = [("", _("Rather not say")), *choices[1:]]  # type: ignore[attr-defined]
        self.fields["zip_code"].widget.attrs["autocomplete"] = "postal-code"


class SignUpForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)


class RatingsFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or zip file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.zip,text/csv,application/zip"}),
    )

    def clean_file(self) -> UploadedFile:
        """Refused by its size alone before anything of it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MAX_ZIP_BYTES:
            raise ValidationError(_("The file is larger than 10 MB."), code="size")
        return file


class DeleteAccountForm(forms.Form):
    """Asks for the password, so that nobody deletes the account of somebody who left the room."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."), code="password")
        return password
