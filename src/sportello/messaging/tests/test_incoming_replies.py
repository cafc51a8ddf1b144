"""What the writer wrote, apart from quotes and signatures: a corpus over programs, languages and styles, and hostile texts."""

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.incoming.replies import split_reply
from sportello.messaging.tests.replies_corpus import (
    DEVICE_LINES,
    HEADINGS,
    HTML,
    INTRODUCTIONS,
    QUOTED,
    SPECIAL,
    TEXTS,
)
from sportello.messaging.tests.replies_more_corpus import WHOLE, WHOLE_HTML

SAMPLES = Path(__file__).parents[5] / "shared" / "data" / "mail"
NAMES = list(TEXTS)


def text_for(name: str) -> str:
    """Give each case one of the texts, the same at each run."""
    return TEXTS[NAMES[sum(map(ord, name)) % len(NAMES)]]


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("name", INTRODUCTIONS)
def test_the_text_above_a_quote_is_the_reply(name):
    text, introduction = text_for(name), INTRODUCTIONS[name]
    reply = split_reply(f"{text}\n\n{introduction}\n\n{quoted(QUOTED)}\n")
    assert (reply.own, reply.signature) == (text, "")
    assert reply.quoted.split() == f"{introduction}\n{quoted(QUOTED)}".split()


@pytest.mark.parametrize("name", INTRODUCTIONS)
def test_an_introduction_right_under_the_text_takes_nothing_of_it(name):
    text, introduction = text_for(name), INTRODUCTIONS[name]
    assert split_reply(f"{text}\n{introduction}\n{quoted(QUOTED)}\n").own == text


@pytest.mark.parametrize("name", INTRODUCTIONS)
def test_the_text_below_a_quote_is_the_reply(name):
    text, introduction = text_for(name), INTRODUCTIONS[name]
    assert split_reply(f"{introduction}\n{quoted(QUOTED)}\n\n{text}\n").own == text


@pytest.mark.parametrize(
    "name", [each for each in INTRODUCTIONS if each not in {"old gmail", "tutanota", "tutanota it", "gmail ca"}]
)
def test_a_quote_without_marks_is_cut_too(name):
    text, introduction = text_for(name), INTRODUCTIONS[name]
    if "@" in introduction or ":" in introduction[:-1]:
        assert split_reply(f"{text}\n\n{introduction}\n\n{QUOTED}\n").own == text


@pytest.mark.parametrize("name", HEADINGS)
def test_the_text_above_a_heading_is_the_reply(name):
    text, heading = text_for(name), HEADINGS[name]
    reply = split_reply(f"{text}\n\n{heading}\n\n{QUOTED}\n")
    assert (reply.own, reply.signature) == (text, "")
    assert reply.quoted.split() == f"{heading}\n{QUOTED}".split()


@pytest.mark.parametrize("name", HEADINGS)
def test_a_heading_right_under_the_text_takes_nothing_of_it(name):
    text, heading = text_for(name), HEADINGS[name]
    assert split_reply(f"{text}\n{heading}\n{QUOTED}\n").own == text


@pytest.mark.parametrize("line", DEVICE_LINES)
def test_the_line_of_a_phone_is_a_signature_with_and_without_a_quote(line):
    text = text_for(line)
    alone = split_reply(f"{text}\n\n{line}\n")
    above = split_reply(f"{text}\n\n{line}\n\n{INTRODUCTIONS['apple it']}\n\n{quoted(QUOTED)}")
    assert (alone.own, alone.signature, alone.quoted) == (text, line, "")
    assert (above.own, above.signature) == (text, line)


@pytest.mark.parametrize("name", SPECIAL)
def test_shapes_of_replies(name):
    body, own = SPECIAL[name]
    assert split_reply(body).own == own


@pytest.mark.parametrize("name", HTML)
def test_replies_in_html_alone(name):
    html, own = HTML[name]
    mail = parse_mail(b"Content-Type: text/html; charset=utf-8\n\n" + html.encode())
    assert split_reply(mail.text, mail.marked).own == own


def test_html_helps_where_the_plain_text_shows_no_quote():
    html = HTML["outlook web"][0]
    mail = parse_mail(
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nDomani.\n\nDa: Ada\n\nQuando?\n--b\nContent-Type: text/html\n\n"
        + html.encode()
        + b"\n--b--\n"
    )
    assert split_reply(mail.text).own == "Domani.\n\nDa: Ada\n\nQuando?"
    assert split_reply(mail.text, mail.marked).own == "Domani."


def test_whole_replies_of_many_programs_are_exact():
    split = {name: split_reply(body).own for name, (body, _own) in WHOLE.items()}
    assert split == {name: own for name, (_body, own) in WHOLE.items()}
    assert len(WHOLE) > 150


def test_whole_replies_in_html_of_many_programs_are_exact():
    mails = {
        name: parse_mail(b"Content-Type: text/html; charset=utf-8\n\n" + html.encode())
        for name, (html, _own) in WHOLE_HTML.items()
    }
    split = {name: split_reply(mail.text, mail.marked).own for name, mail in mails.items()}
    assert split == {name: own for name, (_html, own) in WHOLE_HTML.items()}


PIECES = [
    *INTRODUCTIONS.values(),
    *HEADINGS.values(),
    *DEVICE_LINES[:6],
    "> ciao",
    "ciao",
    "",
    "-- ",
    "--",
    "____",
    "Bo",
    "\ue000",
    "##- x -##",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=25))
@settings(max_examples=300, deadline=None)
def test_nothing_of_a_text_is_lost(pieces):
    text = "\n".join(pieces)
    reply = split_reply(text)
    given_words = sorted(text.replace("\ue000", "").replace("\ue001", "").replace("\r", "\n").split())
    assert sorted(f"{reply.own}\n{reply.signature}\n{reply.quoted}".split()) == given_words
    assert reply.own.strip() or not "".join(given_words)


HOSTILE = {
    "on": "On\n" * 30_000,
    "il giorno": "Il giorno " * 20_000,
    "on at": "On x at 10:30 " * 15_000,
    "dashes": "-" * 200_000,
    "dash lines": "-----\n" * 30_000,
    "underscores": "_ " * 100_000,
    "signatures": "-- \n" * 50_000,
    "rules with contacts": "____________\na@b.it\n" * 10_000,
    "headings": "Da: a@b.it\nA: b\n" * 12_000,
    "labels": "Da: " * 50_000,
    "quotes": "> " * 100_000,
    "quote lines": "> x\n" * 60_000,
    "quotes and texts": "> x\ny\n" * 30_000,
    "introductions": "Il 15/01/2025 17:03, Ada ha scritto:\n> x\n" * 4_000,
    "colons": "a:\n" * 60_000,
    "verbs": "ha scritto:\n" * 15_000,
    "dates": "15/01/2025 " * 18_000,
    "addresses": "a@b.it " * 28_000,
    "brackets": "<" * 200_000,
    "spaces": " " * 200_000,
    "tabs and spaces": "\t \n" * 60_000,
    "blank lines": "\n" * 200_000,
    "device lines": "Sent from my iPhone\n" * 10_000,
    "device words": "sent from " * 20_000,
    "disclaimers": "This message is confidential and\n\n" * 6_000,
    "months": "jan 1 " * 33_000,
    "above": "write above " * 16_000,
    "no spaces": "a" * 200_000,
    "asterisks": "*" * 200_000,
    "pipes": "|" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_e25_no_text_keeps_the_splitting_busy(name):
    text = HOSTILE[name][:200_000]
    started = time.process_time()
    split_reply(text)
    assert time.process_time() - started < 2


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder shared/data/mail is not here")
def test_the_replies_of_real_programs_are_exact():
    right = 0
    for path in sorted((SAMPLES / "talon" / "standard_replies").glob("*.eml")):
        wanted = path.with_name(f"{path.stem}_reply_text")
        own = wanted.read_text() if wanted.exists() else "Hello"
        mail = parse_mail(path.read_bytes())
        reply = split_reply(mail.text, mail.marked)
        said = "\n\n".join(each for each in (reply.own, reply.signature) if each)
        right += [line.rstrip() for line in said.split("\n")] == [line.rstrip() for line in own.strip().split("\n")]
    assert right == 12


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder shared/data/mail is not here")
def test_the_html_replies_of_real_programs_are_exact():
    said = set()
    for path in (SAMPLES / "talon" / "html_replies").glob("*.html"):
        mail = parse_mail(b"Content-Type: text/html; charset=utf-8\n\n" + path.read_bytes())
        said.add(" ".join(split_reply(mail.text, mail.marked).own.split()))
    assert said == {"Hi. I am fine. Thanks, Alex"}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder shared/data/mail is not here")
def test_wrapped_italian_and_spanish_introductions_are_exact():
    folder = SAMPLES / "mail-parser-reply" / "emails-later-commit"
    own = {path.stem: split_reply(path.read_text()).own for path in folder.glob("*.txt")}
    assert own == {
        "email_it_wrap": "Ciao Anna,\n\ngrazie per il messaggio. Le condizioni mi sembrano corrette, possiamo\nsentirci domani.\n\nSaluti\nB",
        "email_es_wrap": "Hola Anna,\n\nGracias por escribirme. Las condiciones me parecen razonables, puedo hablar\nmañana por la mañana.\n\nSaludos\nB",
    }


def test_the_corpus_is_broad():
    cases = len(INTRODUCTIONS) * 3 + len(HEADINGS) * 2 + len(DEVICE_LINES) + len(SPECIAL) + len(HTML)
    assert cases > 300
    assert len(list(itertools.chain(INTRODUCTIONS, HEADINGS))) > 100
