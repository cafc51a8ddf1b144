"""Mails of tickets, the links in them, recipients, options: ABUSE E08 to E18, E23, E28."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.actor import Via
from sportello.kernel.jobs import worker
from sportello.kernel.refusals import NotFound, NotPermitted
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.parties.models import Organisation
from sportello.tickets import queries
from sportello.tickets.models import AccessLink, Interaction, Ticket, TicketFile, Wholesaler
from sportello.tickets.operations import (
    add_interaction,
    add_note,
    ask_address,
    change_state,
    confirm_address,
    revoke_links,
    set_happenings,
    show_entry,
    show_ticket,
    stop_recipient,
)
from sportello.tickets.states import Channel, EntryKind, Happening, Party, State
from sportello.tickets.tests.factories import SYSTEM, TEXT_FILE, mails, recent, told

pytestmark = pytest.mark.django_db


def link_in(mail: Message) -> str:
    return str(json.loads(mail.secret or "{}")["link"])


def visit(mail: Message) -> tuple[Client, object]:
    browser = Client()
    return browser, browser.get(link_in(mail), follow=True)


def test_those_concerned_are_mailed_and_nobody_of_their_own_words(world, opened, pia):
    ticket, sent = opened
    assert sorted(sent) == ["ada@example.test", "olga@example.test"]
    assert (sent["ada@example.test"].template, sent["ada@example.test"].context["author"]) == (
        "ticket_opened",
        "Pia Prova (Partner)",
    )
    assert sent["olga@example.test"].context["text"] == "No dial tone since this morning\n\nFiles: trace.txt"
    entry = add_interaction(actor=pia, ticket=ticket, text="More", now=timezone.now())
    assert (sorted(told(ticket, entry.sequence)), told(ticket, entry.sequence)) == (["olga@example.test"], {})


def test_every_event_leads_to_its_mails_by_the_worker(world, pia, olga):
    ticket = recent(pia, world.a)
    change_state(actor=olga, ticket=ticket, to=State.RESOLVED, now=timezone.now())
    while worker.run_due():
        pass
    found = sorted(mails().filter(template__startswith="ticket").values_list("address", "template", "state"))
    assert found == [("olga@example.test", "ticket_opened", "sent"), ("pia@example.test", "ticket_state", "sent")]


def test_organisations_choose_what_they_are_mailed_about(world, pia, olga):
    ticket = recent(olga, world.a)
    set_happenings(actor=pia, organisation=world.partner, happenings=[Happening.ENDED])
    entry = add_interaction(actor=olga, ticket=ticket, text="x", now=timezone.now())
    add_interaction(actor=pia, ticket=ticket, text="y", now=timezone.now())
    assert "pia@example.test" not in told(ticket, entry.sequence)
    change_state(actor=olga, ticket=ticket, to=State.CLOSED, now=timezone.now())
    place = queries.ticket_of(olga, ticket.pk).sequence
    assert "pia@example.test" in told(ticket, place)


def test_a_note_is_mailed_to_the_operator_alone(world, pia, olga):
    ticket = recent(pia, world.a, visible_by=olga)
    with arrange():
        Ticket.objects.for_(olga).filter(pk=ticket.pk).update(assignee=world.memberships["olga"].person)
    entry = add_note(actor=olga, ticket=ticket, text="hush", now=timezone.now())
    assert told(ticket, entry.sequence) == {}


def test_e23_a_subject_with_line_breaks_is_one_line(world, pia):
    ticket = recent(pia, world.a, subject="x\r\nBcc: all@example.test")
    assert ticket.subject == "x Bcc: all@example.test"


# --- links ------------------------------------------------------------------------------------------------------------


def test_e10_a_token_has_192_bits_and_only_its_hash_is_kept(opened):
    _ticket, sent = opened
    token = link_in(sent["ada@example.test"]).split("/")[-2]
    assert len(token) == 32
    assert [
        row.token_hash for row in AccessLink.objects.across_tenants(reason="a test") if token in row.token_hash
    ] == []


def test_e10_a_guessed_cut_changed_or_foreign_token_opens_nothing(opened):
    _ticket, sent = opened
    token, browser = link_in(sent["ada@example.test"]).split("/")[-2], Client()
    for wrong in (token[:-1], token.swapcase(), token[::-1], "x" * 32, f"{token}x"):
        answer = browser.get(reverse("tickets:link", args=[wrong]))
        assert (answer.status_code, [name for name in answer.cookies if "link" in name]) == (404, [])


def test_e10_guessing_from_one_address_is_slowed_down(opened):
    _ticket, sent = opened
    browser = Client()
    answers = [browser.get(reverse("tickets:link", args=[f"guess-{number}"])).status_code for number in range(31)]
    assert answers == [404] * 30 + [429]
    assert browser.get(link_in(sent["ada@example.test"])).status_code == 429


def test_e11_the_token_leaves_the_address_at_once(opened):
    ticket, sent = opened
    browser = Client()
    answer = browser.get(link_in(sent["olga@example.test"]))
    (cookie,) = answer.cookies.values()
    assert (answer.status_code, answer["Location"]) == (302, cookie["path"])
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
    page = browser.get(answer["Location"])
    assert (page["Referrer-Policy"], ticket.code in page.content.decode()) == ("no-referrer", True)
    assert not [source for source in ("http://", "https://") if f'src="{source}' in page.content.decode()]
    assert link_in(sent["olga@example.test"]).split("/")[-2] not in page.content.decode()


def test_e12_opening_a_link_changes_nothing_however_often(opened):
    _ticket, sent = opened
    link = link_in(sent["ada@example.test"])
    before = list(AccessLink.objects.across_tenants(reason="a test").order_by("pk").values())
    for _time in range(3):
        assert (Client().head(link).status_code, Client().get(link).status_code) == (302, 302)
    assert list(AccessLink.objects.across_tenants(reason="a test").order_by("pk").values()) == before


def _expire(world, _ticket, _recipient, _olga):
    with arrange():
        AccessLink.objects.across_tenants(reason="a test").update(expires_at=timezone.now())


def _revoke(_world, ticket, recipient, olga):
    revoke_links(actor=olga, ticket=ticket, recipient=recipient, now=timezone.now())


def _stop(_world, ticket, recipient, olga):
    stop_recipient(actor=olga, ticket=ticket, recipient=recipient, stopped=True, now=timezone.now())


def _hide(_world, ticket, _recipient, olga):
    show_ticket(actor=olga, ticket=ticket, visible=False, now=timezone.now())


def _end_long_ago(_world, ticket, _recipient, olga):
    change_state(actor=olga, ticket=ticket, to=State.CLOSED, now=timezone.now() - timedelta(days=15))


def _leave(world, _ticket, _recipient, _olga):
    with arrange():
        held = world.memberships["ada"]
        held.ended_at = timezone.now()
        held.save()


def _deactivate(world, _ticket, _recipient, _olga):
    with arrange():
        world.memberships["ada"].person.deactivated_at = timezone.now()
        world.memberships["ada"].person.save()


def _change_address(world, _ticket, _recipient, _olga):
    with arrange():
        world.memberships["ada"].person.email = "other@example.test"
        world.memberships["ada"].person.save()


def _close_tenant(world, _ticket, _recipient, _olga):
    with arrange():
        world.a.state = "closed"
        world.a.save()


@pytest.mark.parametrize(
    "deed",
    [_expire, _revoke, _stop, _hide, _end_long_ago, _leave, _deactivate, _change_address, _close_tenant],
    ids=lambda deed: deed.__name__.strip("_"),
)
def test_e13_a_link_ends_with_what_its_recipient_may(world, opened, olga, deed):
    """New visits and those under way, in the same words: nothing tells why, and signing in is offered."""
    ticket, sent = opened
    mail = sent["ada@example.test"]
    browser, answer = visit(mail)
    assert answer.status_code == 200
    here = answer.redirect_chain[-1][0]
    recipient = next(one for one in queries.recipients(ticket) if one.address == "ada@example.test")
    deed(world, ticket, recipient, olga)
    for again in (browser.get(here), browser.get(f"{here}entries/"), Client().get(link_in(mail))):
        assert (again.status_code, "/sign-in/" in again.content.decode()) == (404, True)


def test_c11_the_links_of_a_partner_that_lost_the_customer_open_nothing(world, pia, olga):
    ticket = recent(pia, world.a)
    entry = add_interaction(actor=olga, ticket=ticket, text="x", now=timezone.now())
    browser, answer = visit(told(ticket, entry.sequence)["pia@example.test"])
    assert answer.status_code == 200
    with arrange():
        Organisation.objects.for_(olga).filter(pk=world.a.pk).update(partner=None)
    assert browser.get(answer.redirect_chain[-1][0]).status_code == 404


def test_e14_a_link_opens_one_ticket_and_nothing_else(world, opened, pia, olga):
    ticket, sent = opened
    other = recent(pia, world.a, visible_by=olga, shown=True, files=[TEXT_FILE])
    browser, answer = visit(sent["ada@example.test"])
    here = answer.redirect_chain[-1][0]
    file = TicketFile.objects.for_(olga).get(ticket=other)
    own = TicketFile.objects.for_(olga).get(ticket=ticket)
    got = browser.get(f"{here}files/{own.pk}/")
    assert (got.status_code, b"".join(got.streaming_content)) == (200, TEXT_FILE.content)
    assert browser.get(f"{here}files/{file.pk}/").status_code == 404
    for link in AccessLink.objects.across_tenants(reason="a test"):
        if f"/{link.pk}/" not in here:
            assert browser.get(reverse("tickets:by_link", args=[link.pk])).status_code == 404
    for name in ("tickets:index", "shell:home", "accounts:account"):
        assert browser.get(reverse(name)).status_code == 302
    assert browser.get(reverse("tickets:ticket", args=[ticket.pk])).status_code == 302


def test_e14_the_cookie_of_one_link_is_none_for_another(opened):
    _ticket, sent = opened
    mine, theirs = (visit(sent[f"{name}@example.test"]) for name in ("ada", "olga"))
    browser, page = mine
    other = theirs[1].redirect_chain[-1][0]
    cookie = browser.cookies[f"ticket-link-{page.redirect_chain[-1][0].split('/')[-2]}"]
    browser.cookies[f"ticket-link-{other.split('/')[-2]}"] = cookie.value
    assert browser.get(other).status_code == 404


def test_e15_who_writes_by_a_link_is_its_recipient_and_is_shown_so(world, pia, olga):
    ticket = recent(olga, world.a, visible_by=olga)
    add_interaction(actor=pia, ticket=ticket, text="We are here", now=timezone.now())
    entry = add_interaction(actor=olga, ticket=ticket, text="x", now=timezone.now())
    browser, answer = visit(told(ticket, entry.sequence)["pia@example.test"])
    here = answer.redirect_chain[-1][0]
    data = {"key": "k", "text": "By link", "shown": "on", "author": "Olga", "party": "operator", "as_what": "note"}
    for _time in range(2):
        assert browser.post(here, data | {"attachments": [SimpleUploadedFile("a.txt", b"x")]}).status_code == 302
    (written,) = Interaction.objects.for_(olga).filter(channel=Channel.LINK, kind=EntryKind.MESSAGE)
    assert (written.author_name, written.party, written.kind, written.shown, written.text) == (
        "Pia Prova", Party.PARTNER, EntryKind.MESSAGE, False, "By link",
    )  # fmt: skip
    assert "Link of a mail" in browser.get(here).content.decode()
    assert browser.post(here, {"key": "z", "text": ""}).status_code == 422


def test_the_end_customer_answers_by_mail_only(opened):
    _ticket, sent = opened
    browser, answer = visit(sent["ada@example.test"])
    page = answer.content.decode()
    assert ("reply to the e-mail" in page, "<textarea" in page) == (True, False)
    assert browser.post(answer.redirect_chain[-1][0], {"key": "k", "text": "x"}).status_code == 403


def test_recipients_are_the_operators_and_a_partners_own_to_stop(world, opened, pia, olga, signed_in):
    ticket, _sent = opened
    row = next(one for one in queries.recipients(ticket) if one.address == "ada@example.test")
    with pytest.raises(NotPermitted):
        revoke_links(actor=pia, ticket=ticket, recipient=row, now=timezone.now())
    browser, address = signed_in("olga"), reverse("tickets:recipient", args=[ticket.pk, row.pk])
    assert [browser.post(address, {"what": what}).status_code for what in ("revoke", "stop", "resume", "x")] == [
        302,
        302,
        302,
        422,
    ]
    assert browser.post(reverse("tickets:recipient", args=[ticket.pk, 999_999]), {"what": "stop"}).status_code == 404
    assert signed_in("pia").post(address, {"what": "stop"}).status_code == 403


# --- the flag and the door ---------------------------------------------------------------------------------------------


def test_e08_the_flag_comes_by_the_web_form_alone(world, pia, olga):
    from dataclasses import replace

    ticket = recent(pia, world.a)
    for via in (Via.API, Via.MAIL):
        other_door = replace(olga, via=via)
        entry = add_interaction(actor=other_door, ticket=ticket, text="x", shown=True, now=timezone.now())
        assert entry.shown is False
        with pytest.raises(NotPermitted):
            show_ticket(actor=other_door, ticket=ticket, visible=True, now=timezone.now())
        with pytest.raises(NotPermitted):
            show_entry(actor=other_door, ticket=ticket, sequence=1, visible=True, now=timezone.now())


def test_e07_a_wholesalers_ticket_is_not_shown_and_its_customer_told_nothing(world, pia, olga, ada):
    with arrange():
        Wholesaler.objects.create(partner=world.partner)
    ticket = recent(pia, world.a, shown=True)
    from sportello.kernel.refusals import WrongState

    with pytest.raises(WrongState):
        show_ticket(actor=olga, ticket=ticket, visible=True, now=timezone.now())
    assert "ada@example.test" not in told(ticket, 1)
    assert not queries.tickets(ada).exists()


# --- options -----------------------------------------------------------------------------------------------------------


def test_e28_an_address_counts_once_its_own_mailbox_confirmed_it(world, pia, olga, signed_in):
    browser = signed_in("pia")
    assert browser.get(reverse("tickets:options")).status_code == 200
    assert (
        browser.post(reverse("tickets:options"), {"what": "address", "email": "Tickets@Partner.test"}).status_code
        == 302
    )
    (mail,) = mails().filter(template="ticket_address")
    ticket = recent(olga, world.a)
    assert (mail.address, "tickets@partner.test" in told(ticket, 1)) == ("tickets@partner.test", False)
    stranger, link = Client(), link_in(mail)
    assert stranger.get(link).status_code == 200
    assert queries.options_of(world.partner.pk).email == ""
    assert (stranger.post(link).status_code, stranger.post(link).status_code, stranger.get(link).status_code) == (
        200,
        404,
        404,
    )
    entry = add_interaction(actor=olga, ticket=ticket, text="x", now=timezone.now())
    assert "tickets@partner.test" in told(ticket, entry.sequence)
    assert (
        browser.post(reverse("tickets:options"), {"what": "address", "email": "tickets@partner.test"}).status_code
        == 422
    )
    assert browser.post(reverse("tickets:options"), {"what": "address", "email": ""}).status_code == 302
    assert queries.options_of(world.partner.pk).email == ""
    assert browser.post(reverse("tickets:options"), {"what": "happenings", "happenings": ["ended"]}).status_code == 302
    assert queries.options_of(world.partner.pk).happenings == ["ended"]


def test_e28_a_link_that_is_too_old_or_was_replaced_confirms_nothing(world, pia):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    ask_address(actor=pia, organisation=world.partner, email="a@partner.test", now=now)
    first = link_in(mails().get(address="a@partner.test")).split("/")[-2]
    ask_address(actor=pia, organisation=world.partner, email="b@partner.test", now=now)
    second = link_in(mails().get(address="b@partner.test")).split("/")[-2]
    for token, at in ((first, now), (second, now + timedelta(days=2))):
        with pytest.raises(NotFound):
            confirm_address(actor=SYSTEM, token=token, now=at)
    assert confirm_address(actor=SYSTEM, token=second, now=now).organisation_id == world.partner.pk


def test_options_are_changed_by_the_organisations_own_people(world, olga):
    with pytest.raises(NotPermitted):
        ask_address(actor=olga, organisation=world.partner, email="a@partner.test", now=timezone.now())


# --- answers by mail ----------------------------------------------------------------------------------------------------
