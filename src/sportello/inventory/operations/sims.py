"""SIM cards: putting another one into a line, and showing a PUK."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.inventory import rules
from sportello.inventory.events import PukShown
from sportello.inventory.models import Line, Sim
from sportello.inventory.operations.lines import change_line
from sportello.kernel import identifiers
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotFound

IMSI = re.compile(r"[0-9]{14,15}", re.ASCII)
PUK = re.compile(r"[0-9]{8}", re.ASCII)


@operation(section=Section.ADMINISTRATION)
def change_sim(
    *, actor: Actor, line: Line, iccid: str, imsi: str = "", puk: str = "", at: datetime, now: datetime
) -> Line:
    """Put another SIM into a line from `at` on; a SIM that is not known yet is registered.

    `iccid` 19 or 20 digits with its check digit (ITU-T E.118), `imsi` 14 or 15 digits (ITU-T E.212), `puk` 8 digits (ETSI TS 102 221);
    the last two may be empty. Raises `InvalidInput`, and what `change_line` raises.
    """
    rules.check_runs_network(actor)
    checked = identifiers.iccid(iccid)
    _check_form("imsi", IMSI, imsi, _("An IMSI has 14 or 15 digits."))
    _check_form("puk", PUK, puk, _("A PUK has 8 digits."))
    sim = _registered(line, checked, imsi=imsi, puk=puk)
    return change_line(actor=actor, line=line, changes={"sim": sim}, at=at, now=now)


@operation(section=Section.ADMINISTRATION)
def show_puk(*, actor: Actor, line: Line) -> str:
    """Return the PUK of a line's SIM and put on record who looked. Raises `NotFound` when there is none, or the SIM is another's by now."""
    sim = Sim.objects.for_(actor).get_or_refuse(pk=line.sim_id)
    if not sim.puk or sim.organisation_id != line.organisation_id:
        raise NotFound(_("No PUK is known for this SIM."))
    publish(PukShown(organisation_id=line.organisation_id, subject_type="line", subject_id=line.pk, iccid=sim.iccid))
    return str(sim.puk)


def _check_form(field: str, form: re.Pattern[str], text: str, sentence: object) -> None:
    if text and not form.fullmatch(text):
        raise InvalidInput(str(sentence), field=field)


def _registered(line: Line, iccid: str, *, imsi: str, puk: str) -> Sim:
    cards = Sim.objects.across_tenants(reason="an ICCID exists once, whoever has the card").select_for_update()
    sim = cards.filter(iccid=iccid).first() or Sim(organisation_id=line.organisation_id, iccid=iccid)
    if sim.organisation_id != line.organisation_id:
        raise InvalidInput(_("This SIM cannot be used for this line."), field="iccid")
    sim.imsi, sim.puk = imsi or sim.imsi, puk or sim.puk
    try:
        with transaction.atomic():
            sim.save()
    except IntegrityError as taken:  # another line registered the same card in the same moment
        raise InvalidInput(_("This SIM cannot be used for this line."), field="iccid") from taken
    return sim
