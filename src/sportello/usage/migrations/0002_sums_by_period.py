"""Sums by period, for totals as things stood at the time."""

import django.db.models.deletion
from django.db import migrations, models

import sportello.kernel.money
from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0002_index_long_lists'),
        ('parties', '0001_initial'),
        ('usage', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PeriodMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('records', models.BigIntegerField(default=0)),
                ('voice_s', models.BigIntegerField(default=0)),
                ('sms_count', models.BigIntegerField(default=0)),
                ('mms_count', models.BigIntegerField(default=0)),
                ('data_bytes', models.BigIntegerField(default=0)),
                ('voice_national', sportello.kernel.money.AmountField(default=0)),
                ('voice_eu', sportello.kernel.money.AmountField(default=0)),
                ('voice_extra_eu', sportello.kernel.money.AmountField(default=0)),
                ('sms_national', sportello.kernel.money.AmountField(default=0)),
                ('sms_eu', sportello.kernel.money.AmountField(default=0)),
                ('sms_extra_eu', sportello.kernel.money.AmountField(default=0)),
                ('mms_national', sportello.kernel.money.AmountField(default=0)),
                ('mms_eu', sportello.kernel.money.AmountField(default=0)),
                ('mms_extra_eu', sportello.kernel.money.AmountField(default=0)),
                ('data_national', sportello.kernel.money.AmountField(default=0)),
                ('data_eu', sportello.kernel.money.AmountField(default=0)),
                ('data_extra_eu', sportello.kernel.money.AmountField(default=0)),
                ('amount', sportello.kernel.money.AmountField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
                ('period', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='months', to='inventory.lineperiod')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'month'], name='period_month_by_month')],
                'constraints': [models.UniqueConstraint(fields=('period', 'month'), name='one_period_month')],
            },
        ),
        row_security(("usage", "PeriodMonth")),
    ]
