"""Background work of signing in."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import KeptForm, OneTimeCode, PasswordReset, Session, SignInGuard, TrustedDevice
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.crypto import decrypt
from sportello.kernel.jobs import job

KEEP_CODES = timedelta(days=2)
KEEP_FORMS = timedelta(days=1)
KEEP_SESSIONS = timedelta(days=90)
KEEP_UNUSED_DEVICES = timedelta(days=365)


@job(retries=5)
def send_reset_links(asked: str, address: str) -> int:
    """Mail reset links for what was typed on the page (encrypted: people type passwords into such fields); return how many."""
    actor = system_actor(reason="forgotten password", via=Via.JOB, address=address)
    return operations.send_reset_links(actor=actor, typed=decrypt(asked), now=timezone.now())


@job(retries=1)
def purge_sign_in_rows() -> int:
    """Remove what signing in needs no more: old codes, links, guards, kept forms, devices; the audit trail keeps what happened."""
    now = timezone.now()
    old = (
        OneTimeCode.objects.filter(expires_at__lt=now - KEEP_CODES),
        PasswordReset.objects.filter(expires_at__lt=now - KEEP_CODES),
        KeptForm.objects.filter(kept_at__lt=now - KEEP_FORMS),
        Session.objects.filter(last_seen_at__lt=now - KEEP_SESSIONS),
        TrustedDevice.objects.filter(last_used_at__lt=now - KEEP_UNUSED_DEVICES),
        SignInGuard.objects.filter(Q(locked_until=None) | Q(locked_until__lt=now), failures=0, locks=0),
    )
    return sum(rows.delete()[0] for rows in old)
