"""All periods of the portal, in one place. The scheduler writes one job per slot, however many schedulers run."""

from __future__ import annotations

from datetime import time, timedelta

from sportello.kernel.jobs.scheduler import Every

SCHEDULE = [
    Every(
        "sportello.usage.tasks.take_dropped_files",
        period=timedelta(seconds=1),
        when="sportello.usage.operations.dropped.manifests_wait",
    ),
    Every(
        "sportello.billing.tasks.take_dropped_bills",
        period=timedelta(seconds=5),
        when="sportello.billing.operations.dropped.files_wait",
    ),
    Every("sportello.billing.tasks.see_what_is_due", at=time(6, 30)),
    Every("sportello.billing.tasks.remove_old_archives", period=timedelta(minutes=30)),
    Every("sportello.dual_billing.tasks.start_and_end", period=timedelta(minutes=15)),
    Every("sportello.dual_billing.tasks.make_bills", at=time(5, 0)),
    Every("sportello.usage.tasks.merge_small_parts", period=timedelta(minutes=10)),
    Every("sportello.usage.tasks.sweep_store", at=time(3, 10)),
    Every("sportello.usage.tasks.forget_old_records", at=time(3, 30)),
    Every("sportello.usage.tasks.expire_prepared", period=timedelta(minutes=10)),
    Every("sportello.usage.tasks.run_due_reports", period=timedelta(minutes=30)),
    Every("sportello.messaging.tasks.deliver_due", period=timedelta(seconds=20)),
    Every("sportello.messaging.tasks.hand_over_mails", period=timedelta(seconds=20)),
    Every("sportello.thresholds.tasks.turn_periods", period=timedelta(minutes=1)),
    Every("sportello.thresholds.tasks.inherit_profiles", at=time(2, 20)),
    Every("sportello.thresholds.tasks.stop_lost_bulks", period=timedelta(minutes=10)),
    Every("sportello.tickets.tasks.sweep_files", at=time(3, 50)),
    Every("sportello.network.tasks.bring_forgotten", period=timedelta(minutes=10)),
    Every("sportello.inventory.tasks.end_due_lines", period=timedelta(minutes=15)),
    Every("sportello.accounts.tasks.purge_sign_in_rows", at=time(4, 0)),
    Every("sportello.kernel.imports.tasks.purge_uploads", period=timedelta(minutes=10)),
    Every("sportello.kernel.tasks.purge_done_jobs", period=timedelta(minutes=10)),
]
