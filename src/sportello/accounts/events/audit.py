"""What happens to the record itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence


@dataclass(frozen=True, kw_only=True)
class ChainVerified(DomainEvent):
    """Somebody had the proof of an audit chain made; `rows` were walked, `broken` is the first broken place (0 = none)."""

    kind: ClassVar[str] = "audit.verified"
    sentence: ClassVar[Sentence] = _("The record was proved: %(rows)s entries walked, first broken place %(broken)s")
    news: ClassVar[bool] = False
    rows: int
    broken: int
