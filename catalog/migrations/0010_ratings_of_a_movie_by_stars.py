import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index that takes the old one's place comes first: MySQL wants one for the foreign key at any time."""

    dependencies = [("catalog", "0009_command_run")]

    operations = [
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(fields=["movie", "stars"], name="rating_by_movie_and_stars"),
        ),
        migrations.AlterField(
            model_name="rating",
            name="movie",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ratings",
                to="catalog.movie",
            ),
        ),
    ]
