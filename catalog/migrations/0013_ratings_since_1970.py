import catalog.models.rating
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_log_outs_everywhere")]

    operations = [
        migrations.AlterField(
            model_name="rating",
            name="rated_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                validators=[catalog.models.rating.validate_rated_at],
                verbose_name="rated",
            ),
        ),
    ]
