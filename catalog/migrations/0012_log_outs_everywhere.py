from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_titles_by_popularity")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="logged_out_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
