from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('inventory', '0001_initial'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='line',
            index=models.Index(fields=['organisation', 'active_from', 'id'], name='line_by_start'),
        ),
        migrations.AddIndex(
            model_name='line',
            index=models.Index(fields=['active_from', 'id'], name='line_by_start_anywhere'),
        ),
        migrations.AddIndex(
            model_name='line',
            index=models.Index(fields=['number'], name='line_by_number_start', opclasses=['varchar_pattern_ops']),
        ),
    ]
