from django.db import migrations, models


class Migration(migrations.Migration):
    """Search looks through titles in the index; in rows a million of them took MySQL 15 seconds."""

    dependencies = [("catalog", "0010_ratings_of_a_movie_by_stars")]

    operations = [
        migrations.RemoveIndex(model_name="movie", name="movie_by_popularity"),
        migrations.AddIndex(
            model_name="movie",
            index=models.Index(
                fields=["withdrawn", "-rating_count", "id", "search_title"], name="movie_by_popularity"
            ),
        ),
    ]
