"""Files prepared for people, documentation requests, scheduled reports, rules of what is unusual, and fresh codes for called numbers."""

import django.db.models.deletion
import sportello.kernel.money
from django.conf import settings
from django.db import migrations, models

from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sign_in_rows'),
        ('inventory', '0002_index_long_lists'),
        ('parties', '0001_initial'),
        ('usage', '0004_name_known_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClearNumbers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.session')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='UnusualRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.DecimalField(decimal_places=1, max_digits=4)),
                ('at_least', sportello.kernel.money.AmountField()),
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DocumentationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'Waiting'), ('preparing', 'Being prepared'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('rows_done', models.BigIntegerField(default=0)),
                ('rows_total', models.BigIntegerField(null=True)),
                ('file_token', models.CharField(blank=True, max_length=40)),
                ('file_name', models.CharField(blank=True, max_length=120)),
                ('size', models.BigIntegerField(default=0)),
                ('taken_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('purpose', models.CharField(choices=[('contested', 'Contested charges'), ('authority', 'Request of an authority'), ('own', 'My own traffic'), ('check', 'Check of costs (called numbers masked)')], max_length=12)),
                ('reason', models.CharField(max_length=500)),
                ('clear_numbers', models.BooleanField(default=False)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.line')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', '-asked_at'], name='documentation_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='documentation_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='ReportSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('content', models.CharField(choices=[('cost_centres', 'Totals by cost centre'), ('lines', 'Totals by line'), ('spenders', 'Top spenders')], max_length=12)),
                ('form', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX'), ('pdf', 'PDF')], max_length=4)),
                ('day', models.PositiveSmallIntegerField(default=3)),
                ('state', models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended'), ('closed', 'Ended')], default='active', max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('last_month', models.DateField(null=True)),
                ('last_run_at', models.DateTimeField(null=True)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'last_month'], name='report_by_state')],
            },
        ),
        migrations.CreateModel(
            name='TrafficExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'Waiting'), ('preparing', 'Being prepared'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('rows_done', models.BigIntegerField(default=0)),
                ('rows_total', models.BigIntegerField(null=True)),
                ('file_token', models.CharField(blank=True, max_length=40)),
                ('file_name', models.CharField(blank=True, max_length=120)),
                ('size', models.BigIntegerField(default=0)),
                ('taken_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('content', models.CharField(choices=[('analysis', 'Totals'), ('records', 'Usage records'), ('unusual', 'Unusual lines')], max_length=10)),
                ('form', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX'), ('pdf', 'PDF')], max_length=4)),
                ('asked', models.JSONField(default=dict)),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.line')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-asked_at'], name='export_by_person')],
            },
        ),
        row_security(
            ("usage", "TrafficExport"),
            ("usage", "DocumentationRequest"),
            ("usage", "ReportSchedule"),
            ("usage", "UnusualRule"),
            ("usage", "ClearNumbers"),
        ),
    ]
