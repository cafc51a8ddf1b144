"""Cleaning up after files that nobody confirmed."""

from __future__ import annotations

from django.utils import timezone

from sportello.kernel.jobs import job
from sportello.kernel.models import Upload


@job(retries=1)
def purge_uploads() -> int:
    """Remove files that were never confirmed, and the previews of those that were; return how many files went."""
    old = Upload.objects.filter(expires_at__lt=timezone.now())
    gone, _each = old.filter(applied_at=None).delete()
    old.exclude(report=b"").update(report=b"", content=b"")
    return gone
