from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"

    def ready(self) -> None:
        from catalog.expectations import plug_in
        from catalog.export import also_export
        from recommendations import signals  # noqa: F401  (connects the receivers)
        from recommendations.expectations import expect
        from recommendations.export import feedback, served_lists

        plug_in(expect)
        also_export("served_lists", served_lists)
        also_export("feedback", feedback)
