"""The picture that an authenticator app reads: drawn here, never fetched from elsewhere."""

from __future__ import annotations

import io

import segno
from django.http import HttpResponse

from sportello.accounts.models import Person, TotpDevice
from sportello.accounts.operations.totp import address_of


def picture_of(device: TotpDevice, person: Person) -> HttpResponse:
    """Return the QR code of an app's secret as an SVG image, dark on white in both themes so that cameras read it."""
    drawn = io.BytesIO()
    segno.make(address_of(device, person), error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, light="#fff", dark="#000", xmldecl=False
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers={"X-Content-Type-Options": "nosniff"})
