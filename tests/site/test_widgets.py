"""Selects say the same as Django's own."""

from typing import Any

import pytest
from django import forms
from pytest_django.asserts import assertHTMLEqual

from catalog.widgets import PlainSelect

CHOICES = [("", "Any"), ("4.5", "4.5 <stars>"), ("a&b", "A & B")]


@pytest.mark.parametrize("value", [None, "", "4.5", "a&b", "<other>"])
@pytest.mark.parametrize("attrs", [None, {"id": "id_x", "aria-invalid": "true", "disabled": True}])
def test_a_select_is_the_html_of_djangos_own(value: str | None, attrs: dict[str, Any] | None) -> None:
    plain, own = (widget(choices=CHOICES).render("x", value, attrs) for widget in (PlainSelect, forms.Select))
    assertHTMLEqual(plain, own)
