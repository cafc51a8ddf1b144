"""Mails of machines and mails of persons: headers, standard reports, and the words of systems that follow no standard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.messaging.incoming.kinds import Verdict, classify
from sportello.messaging.incoming.kinds.failures import Failure, is_permanent
from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.types import MailKind

PERSON, AUTO, AWAY = MailKind.PERSON, MailKind.AUTO_REPLY, MailKind.OUT_OF_OFFICE
BOUNCE, RECEIPT, LIST = MailKind.BOUNCE, MailKind.RECEIPT, MailKind.LIST


def verdict(headers: str, text: str = "Ciao", *, instance: str = "") -> Verdict:
    raw = ("From: Bo <bo@acme.test>\n" if "from:" not in headers.lower() else "") + headers.strip("\n") + "\n\n" + text
    octets = raw.encode()
    return classify(octets, parse_mail(octets), instance=instance)


BY_HEADERS = [
    ("Auto-Submitted: auto-replied\nSubject: Re: Guasto", "Ciao", AUTO),
    ("Auto-Submitted: auto-replied (vacation)\nSubject: Re: Guasto", "Sono in ferie fino al 20 agosto.", AWAY),
    ("Auto-Submitted: auto-generated\nSubject: Backup", "ok", AUTO),
    ("Auto-Submitted: no\nSubject: Re: Guasto", "Va bene", PERSON),
    ("X-Autoreply: yes\nSubject: Re: Guasto", "Ricevuto", AUTO),
    ("X-Autorespond: Guasto\nSubject: Re: Guasto", "Ricevuto", AUTO),
    ("Precedence: auto_reply\nSubject: Guasto", "Sarò assente dal 3 al 5", AWAY),
    ("X-POST-MessageClass: 9; Autoresponder\nSubject: Re: x", "x", AUTO),
    ("Precedence: bulk\nSubject: Re: x", "I am out of the office until Monday", AWAY),
    ("Precedence: bulk\nSubject: Offerta", "Compra", LIST),
    ("Precedence: list\nSubject: Re: x", "x", LIST),
    ("List-Id: <noc.acme.test>\nSubject: Re: x", "x", LIST),
    ("List-Unsubscribe: <mailto:x@acme.test>\nSubject: Novità", "x", LIST),
    ("Return-Path: <>\nSubject: Re: x", "boh", AUTO),
    ("Return-Path: <bo@acme.test>\nSubject: Re: x", "boh", PERSON),
    ("X-Auto-Response-Suppress: All\nSubject: Automatic reply: Guasto", "I am out of the office.", AWAY),
    ("X-Auto-Response-Suppress: DR, OOF, AutoReply\nSubject: R: Guasto", "Va bene, vi aspetto domani.", PERSON),
    ("From: no-reply@acme.test\nSubject: Ordine ricevuto", "Grazie", AUTO),
]
BY_WORDS = [
    ("Subject: Automatic reply: Guasto", "I'm away.", AUTO),
    ("Subject: Risposta automatica: Guasto", "Sono fuori ufficio fino a lunedì.", AWAY),
    ("Subject: Respuesta automática: Avería", "Estaré fuera de la oficina.", AWAY),
    ("Subject: Réponse automatique : Panne", "Je suis absent jusqu'au 3.", AWAY),
    ("Subject: Automatische Antwort: Störung", "Ich bin bis zum 3.5. nicht im Büro.", AWAY),
    ("Subject: Resposta automática: Falha", "Estarei ausente.", AWAY),
    ("Subject: Automatisch antwoord: Storing", "Ik ben met vakantie.", AWAY),
    ("Subject: Autosvar: Fel", "Hej", AUTO),
    (
        "Subject: Auto: Re: x",
        "Thanks, this is an automated reply.",
        AUTO,
    ),  # the subject that RFC 5230 gives vacations
    ("Subject: Out of Office: Guasto", "I will be out of the office until 5 May.", AWAY),
    ("Subject: Out of office until Monday", "I am currently out of the office with limited access to email.", AWAY),
    ("Subject: Fuori sede", "Sarò assente fino al 12. Per urgenze chiamare il collega.", AWAY),
    ("Subject: Assente dal 3 al 5", "Sono assente. Risponderò al mio rientro.", AWAY),
    ("Subject: Abwesenheitsnotiz", "Ich bin vom 3. bis 5. Mai im Urlaub.", AWAY),
    ("Subject: Absence du bureau", "Je serai absent. À mon retour je réponds.", AWAY),
    ("Subject: Aviso de ausencia", "Estoy de vacaciones.", AWAY),
]
PEOPLE = [
    (
        "Subject: Re: Guasto TCKXDSL0000001\nIn-Reply-To: <x@portal>",
        "Sono fuori ufficio fino alle 15, potete venire dopo?",
    ),
    ("Subject: R: Guasto", "I am out of the office until Monday: can you send the technician on Tuesday?"),
    ("Subject: Re: Out of office phones", "The phones of the office are out again."),
    ("Subject: Assenza di linea", "Da ieri non c'è linea."),
    ("Subject: Absence de tonalité", "Plus de tonalité depuis hier."),
    ("Subject: Mail delivery problem on our line", "We cannot send mail, it could not be delivered."),
    ("Subject: Posta non consegnata", "La posta dei miei clienti non arriva: mi dite perché?"),
    ("Subject: Lettura contatore", "Vi mando la lettura."),
    ("Subject: Re: Ricevuta di pagamento", "Ecco la ricevuta."),
    ("Subject: Consegna router", "Quando consegnate il router? Il corriere non è passato."),
    ("Subject: Vacation mode of the switchboard", "How do I switch it on?"),
    ("Subject: Ferie: deviazione di chiamata", "Da lunedì vorrei deviare le chiamate sul cellulare."),
    ("Subject: Risposta", "Va bene."),
    ("Subject: Automazione uffici", "Vorrei un'offerta."),
    ("Subject: Urgente", "Questo è un messaggio importante, rispondete."),
    ("Subject: ", "ok"),
    ("Subject: Re: Guasto", "Ho scritto a info@altro.test e mi è tornato indietro con errore 550."),
    ("X-Priority: 1\nX-Mailer: Microsoft Outlook 16.0\nSubject: R: Guasto", "Va bene"),
]


@pytest.mark.parametrize(("headers", "text", "kind"), BY_HEADERS + BY_WORDS)
def test_e20_machines_are_told_from_people(headers, text, kind):
    assert verdict(headers, text).kind == kind


@pytest.mark.parametrize(("headers", "text"), PEOPLE)
def test_what_a_person_writes_stays_a_persons_mail(headers, text):
    assert verdict(headers, text) == Verdict(PERSON)


def test_e20_our_own_mail_coming_back_is_known_by_its_header():
    headers = "X-Sportello-Instance: abc\nAuto-Submitted: auto-generated\nSubject: Guasto"
    assert verdict(headers, instance="abc").kind == MailKind.OWN
    assert verdict(headers, instance="other").kind == AUTO
    assert verdict("Subject: x", instance="").kind == PERSON


def report(status: str, *, text: str = "Delivery failed", kind: str = "delivery-status") -> Verdict:
    return verdict(
        f"From: MAILER-DAEMON@mx.test\nReturn-Path: <>\nSubject: Undelivered Mail\nContent-Type: multipart/report; report-type={kind}; boundary=b",
        f"--b\n\n{text}\n--b\nContent-Type: message/{kind}\n\n{status}\n--b\nContent-Type: text/rfc822-headers\n\n"
        "From: p@portal.test\nMessage-ID: <message-17.1@portal.test>\n\n--b--\n",
    )


def test_e21_a_report_names_each_address_with_its_status_and_the_mail_it_is_about():
    told = report(
        "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; Ada@acme.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        "Final-Recipient: rfc822;bo@acme.test\nAction: failed\nStatus: 4.2.2\n\nFinal-Recipient: rfc822; cy@acme.test\nAction: delayed\nStatus: 4.4.1"
    )
    assert told == Verdict(
        BOUNCE,
        "delivery-status",
        (
            Failure("ada@acme.test", "failed", "5.1.1", "550 5.1.1 no such user", permanent=True),
            Failure("bo@acme.test", "failed", "4.2.2", "", permanent=False),
            Failure("cy@acme.test", "delayed", "4.4.1", "", permanent=False),
        ),
        "message-17.1@portal.test",
    )


def test_reports_of_success_and_of_reading_are_receipts():
    delivered = report(
        "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; ada@acme.test\nAction: delivered\nStatus: 2.0.0"
    )
    read = report(
        "Final-Recipient: rfc822; ada@acme.test\nDisposition: manual-action; displayed", kind="disposition-notification"
    )
    assert (delivered.kind, read.kind) == (RECEIPT, RECEIPT)


NOT_STANDARD = {
    "qmail": (
        "From: MAILER-DAEMON@mx.test\nSubject: failure notice",
        "Hi. This is the qmail-send program at mx.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ada@acme.test>:\n1.2.3.4 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <p@portal.test>\nMessage-ID: <m1@portal.test>\n",
        "ada@acme.test", True, "m1@portal.test",
    ),
    "exim": (
        "From: Mail Delivery System <Mailer-Daemon@mx.test>\nX-Failed-Recipients: ada@acme.test\nAuto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\n  ada@acme.test\n    Unrouteable address\n",
        "ada@acme.test", True, "",
    ),
    "exim delayed": (
        "From: Mail Delivery System <Mailer-Daemon@mx.test>\nSubject: Warning: message 1abc delayed 24 hours",
        "A message that you sent has not yet been delivered to one or more of its recipients.\n\n  ada@acme.test\n    delay reason: connection timed out\n\nNo action is required on your part. Delivery attempts will continue\n",
        "ada@acme.test", False, "",
    ),
    "gmail": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to ada@acme.test because the address couldn't be found.\n\nThe response was:\n550 5.1.1 The email account that you tried to reach does not exist.",
        "ada@acme.test", True, "",
    ),
    "exchange it": (
        "From: Microsoft Outlook <postmaster@acme.test>\nSubject: Non recapitabile: Guasto",
        "Il messaggio non può essere recapitato a ada@acme.test.\nL'indirizzo inesistente.\n",
        "ada@acme.test", True, "",
    ),
    "exchange de": (
        "From: System Administrator <postmaster@acme.test>\nSubject: Unzustellbar: Störung",
        "Ihre Nachricht hat einige oder alle Empfänger nicht erreicht: ada@acme.test\nDer Empfänger ist unbekannt. 550 5.1.1",
        "ada@acme.test", True, "",
    ),
    "exchange es": (
        "From: postmaster@acme.test\nSubject: No se puede entregar: Avería",
        "No se pudo entregar el mensaje a ada@acme.test. La dirección no existe.",
        "ada@acme.test", True, "",
    ),
    "full mailbox": (
        "From: MAILER-DAEMON@mx.test\nSubject: Undelivered Mail Returned to Sender",
        "<ada@acme.test>: host mx.acme.test said: 552 5.2.2 Mailbox full",
        "ada@acme.test", False, "",
    ),
    "null sender alone": (
        "From: info@mx.test\nReturn-Path: <>\nSubject: Problem",
        "Your message to ada@acme.test could not be delivered: 550 user unknown",
        "ada@acme.test", True, "",
    ),
    "no machine's name": (
        "From: Mail System <system@mx.test>\nSubject: Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<ada@acme.test>\n    (reason: 550 5.1.1 <ada@acme.test>... User unknown)\n",
        "ada@acme.test", True, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_STANDARD)
def test_e21_failures_in_no_standard_form_are_understood(name):
    headers, text, address, permanent, original = NOT_STANDARD[name]
    told = verdict(headers, text)
    assert (told.kind, [(each.recipient, each.permanent) for each in told.failures]) == (BOUNCE, [(address, permanent)])
    assert told.original_id == original


RECEIPTS = [
    ("From: ada@acme.test\nSubject: Letto: Guasto", "Il messaggio è stato letto il 3/5/2025."),
    ("From: ada@acme.test\nSubject: Read: Fault", "Your message was read on Monday."),
    ("From: ada@acme.test\nSubject: Gelesen: Störung", "Ihre Nachricht wurde gelesen am 3.5."),
    (
        "From: posta-certificata@pec.test\nX-Ricevuta: accettazione\nSubject: ACCETTAZIONE: Guasto",
        "Il messaggio è stato accettato dal sistema.",
    ),
    (
        "From: posta-certificata@pec.test\nX-Ricevuta: avvenuta-consegna\nSubject: CONSEGNA: Guasto",
        "Il messaggio è stato consegnato.",
    ),
]


@pytest.mark.parametrize(("headers", "text"), RECEIPTS)
def test_receipts_are_told_from_answers(headers, text):
    assert verdict(headers, text).kind == RECEIPT


def test_certified_mail_itself_is_a_persons_mail_and_its_failure_a_bounce():
    assert (
        verdict(
            "From: Per conto di: bo@pec.test <posta-certificata@pec.test>\nX-Trasporto: posta-certificata\nSubject: POSTA CERTIFICATA: Guasto",
            "Messaggio di posta certificata",
        ).kind
        == PERSON
    )
    assert (
        verdict(
            "X-Ricevuta: preavviso-errore-consegna\nSubject: AVVISO DI MANCATA CONSEGNA: x", "ada@pec.test: 5.1.1"
        ).kind
        == BOUNCE
    )


def test_permanence_follows_status_and_words():
    told = {
        text: is_permanent(text)
        for text in (
            "550 5.1.1 unknown",
            "451 4.7.1 greylisted",
            "552 5.2.2 over quota",
            "550 mailbox full",
            "554 5.4.7 expired",
            "user unknown",
            "will retry, delayed",
        )
    }
    assert list(told.values()) == [True, False, False, False, False, True, False]


@given(st.binary(max_size=1500))
@settings(max_examples=200, deadline=None)
def test_e25_any_octets_are_of_some_kind(octets):
    for raw in (
        octets,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        + octets,
    ):
        assert classify(raw, parse_mail(raw)).kind in MailKind
