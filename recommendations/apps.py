from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"

    def ready(self) -> None:
        from catalog.expectations import plug_in
        from catalog.export import also_export
        from catalog.list_events import happened
        from recommendations import signals  # noqa: F401  (connects the receivers)
        from recommendations.expectations import expect
        from recommendations.export import feedback, served_lists
        from recommendations.feedback import note_from_site

        plug_in(expect)
        happened.connect(note_from_site)
        also_export("served_lists", served_lists)
        also_export("feedback", feedback)
