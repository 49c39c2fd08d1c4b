"""Widgets of the site's forms."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """For choices without groups; Django's own renders a template for each, which takes thrice as long."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = (option for _group, options, _index in widget["optgroups"] for option in options)
        fields = ((option["value"], flatatt(option["attrs"]), option["label"]) for option in options)
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(widget["attrs"]),
            format_html_join("\n", '<option value="{}"{}>{}</option>', fields),
        )
