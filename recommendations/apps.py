from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"

    def ready(self) -> None:
        from catalog.expectations import plug_in
        from recommendations import signals  # noqa: F401  (connects the receivers)
        from recommendations.expectations import expect

        plug_in(expect)
