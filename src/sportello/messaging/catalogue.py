"""The messages that exist: what each is about, how it may go out, and the words that its text may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.messaging.states import Channel, Kind

LANGUAGES = ("it", "es", "en")
CODE_TEXTS = frozenset({"sign_in_code", "fresh_code"})
"""Texts from which phones pick a code by its place."""
BUILT_IN = ("greeting", "operator", "portal", "host")
"""Variables that every text may use: a greeting by name, the operator's name, the portal's address and its host."""


class UnknownTemplate(LookupError):
    """No template of that name is in the catalogue: a defect of the caller."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One message: its texts stand in `templates/messaging/<name>/<language>.<channel>.txt`.

    `secrets` are variables that are kept encrypted until the message is handed over and then erased. `lifetime`: after it
    the message is worthless and is not sent any more (`lifetime_setting` names the setting that says it, where there is
    one). `repeats`: sending it twice does no harm, so that a message in doubt is sent again by itself. `sample` fills the
    preview; `channels` in order of preference.
    """

    name: str
    title: str | Promise
    kind: Kind
    channels: tuple[Channel, ...]
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    lifetime: timedelta = timedelta(days=3)
    lifetime_setting: str = ""
    repeats: bool = False
    sample: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_variables(self) -> tuple[str, ...]:
        """Return every variable that a text of this template may use."""
        return (*self.variables, *self.secrets, *BUILT_IN)

    @property
    def lives(self) -> timedelta:
        """Return how long after its writing the message is worth sending."""
        configured: timedelta | None = settings.SPORTELLO.get(self.lifetime_setting)
        return configured or self.lifetime


TEMPLATES: dict[str, Template] = {}
TITLES: dict[str, str | Promise] = {}
"""What each message is called, by its name: for the record of what happened."""


IN_THE_PORTAL: set[Kind] = set()
"""Kinds of event of which notices stand in the portal too."""
ALWAYS_TOLD: dict[Kind, str | Promise] = {}
"""What of a kind is told though the kind is switched off, and why: a sentence for the reader."""


def register_notices(kind: Kind, *, always: str | Promise = "") -> None:
    """Say that an app shows notices of this kind in the portal, and what of it nobody can switch off (in its `ready`)."""
    IN_THE_PORTAL.add(kind)
    if always:
        ALWAYS_TOLD[kind] = always


def register(template: Template) -> Template:
    """Add a message to the catalogue (an app calls this in its `ready`); two of one name are a defect."""
    if TEMPLATES.setdefault(template.name, template) != template:
        raise TypeError(f"two templates are called {template.name}")
    TITLES[template.name] = template.title
    return template


def find(name: str) -> Template:
    """Return a template by its name. Raises `UnknownTemplate`."""
    try:
        return TEMPLATES[name]
    except KeyError as missing:
        raise UnknownTemplate(name) from missing


register(
    Template(
        name="sign_in_code",
        title=_("One-time code for signing in"),
        kind=Kind.SECURITY,
        channels=(Channel.SMS,),
        variables=("minutes",),
        secrets=("code",),
        lifetime=timedelta(minutes=30),
        lifetime_setting="CODE_LIFETIME",
        repeats=True,
        sample={"code": "482913", "minutes": "30"},
    )
)
register(
    Template(
        name="fresh_code",
        title=_("One-time code to confirm something"),
        kind=Kind.SECURITY,
        channels=(Channel.SMS,),
        variables=("minutes",),
        secrets=("code",),
        lifetime=timedelta(minutes=30),
        lifetime_setting="CODE_LIFETIME",
        repeats=True,
        sample={"code": "482913", "minutes": "30"},
    )
)
register(
    Template(
        name="email_code",
        title=_("One-time code for an e-mail address"),
        kind=Kind.SECURITY,
        channels=(Channel.EMAIL,),
        variables=("minutes",),
        secrets=("code",),
        lifetime=timedelta(minutes=30),
        lifetime_setting="CODE_LIFETIME",
        repeats=True,
        sample={"code": "482913", "minutes": "30"},
    )
)
register(
    Template(
        name="invitation",
        title=_("Invitation to the portal"),
        kind=Kind.SECURITY,
        channels=(Channel.EMAIL,),
        variables=("organisation", "days"),
        secrets=("link",),
        sample={"organisation": "Comune di Esempio", "days": "7", "link": "/invitation/example"},
    )
)
register(
    Template(
        name="password_reset",
        title=_("Link for a new password"),
        kind=Kind.SECURITY,
        channels=(Channel.EMAIL,),
        variables=("minutes",),
        secrets=("link",),
        lifetime=timedelta(hours=2),
        lifetime_setting="RESET_LIFETIME",
        sample={"minutes": "30", "link": "/password/example"},
    )
)
register(
    Template(
        name="contact_changed",
        title=_("Notice of changed contact details"),
        kind=Kind.SECURITY,
        channels=(Channel.EMAIL, Channel.SMS),
        variables=("what",),
        sample={"what": "e-mail"},
    )
)
register(
    Template(
        name="account_locked",
        title=_("Too many wrong attempts"),
        kind=Kind.SECURITY,
        channels=(Channel.EMAIL, Channel.SMS),
        variables=("minutes",),
        lifetime=timedelta(days=1),
        sample={"minutes": "15"},
    )
)
register(
    Template(
        name="threshold_warning",
        title=_("Threshold warning"),
        kind=Kind.THRESHOLDS,
        channels=(Channel.EMAIL, Channel.SMS),
        variables=("line", "measure", "used", "limit", "percent", "period"),
        sample={
            "line": "+39 351 000 0001",
            "measure": "Euro",
            "used": "8,12 €",
            "limit": "10,00 €",
            "percent": "80",
            "period": "11/2026",
        },
    )
)
register(
    Template(
        name="sms_breaker_alert",
        title=_("Alert: text messages of the day used up"),
        kind=Kind.OPERATION,
        channels=(Channel.EMAIL,),
        variables=("bucket", "limit", "day"),
        sample={"bucket": "installation", "limit": "20000", "day": "2026-11-22"},
    )
)
register(
    Template(
        name="mail_loop_alert",
        title=_("Alert: mails of a conversation stopped"),
        kind=Kind.OPERATION,
        channels=(Channel.EMAIL,),
        variables=("address", "limit", "thread"),
        sample={"address": "ada@example.test", "limit": "60", "thread": "ticket:1042"},
    )
)
register(
    Template(
        name="mail_to_nowhere",
        title=_("Answer to a mail that belongs to nothing"),
        kind=Kind.OPERATION,
        channels=(Channel.EMAIL,),
        variables=(),
        sample={},
    )
)
