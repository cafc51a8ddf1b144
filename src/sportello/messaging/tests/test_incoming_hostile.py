"""Mails made to stop the reader or to keep it busy (ABUSE E25): each gives a value, with a notice of what was left out.

Work is counted in seconds of the processor: a busy machine changes nothing of it.
"""

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.messaging.incoming.parsing import Limits, parse_mail
from sportello.messaging.tests.incoming_mails import mail, notices


def nested(depth: int, kind: str = "mixed") -> bytes:
    heads = "".join(f"Content-Type: multipart/{kind}; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    tails = "".join(f"\n--b{n}--" for n in reversed(range(depth)))
    return f"{heads}Content-Type: text/plain\n\nin fondo{tails}\n".encode()


def rfc822(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: x\n\nin fondo"


BOMBS = {
    "1200 multiparts in one another": nested(1200),
    "1200 alternatives in one another": nested(1200, "alternative"),
    "19 multiparts": nested(19),
    "50 mails in one another": rfc822(50),
    "5000 mails in one another": rfc822(5000),
    "1000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\nx\n" * 1000 + b"--b--",
    "1000 files": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Disposition: attachment\n\nx\n" * 1000,
    "100000 boundaries": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 100_000,
    "boundary of nothing": b"Content-Type: multipart/mixed; boundary=\n\n--\nx\n----\n",
    "no boundary": b"Content-Type: multipart/mixed\n\n--zzzz\nContent-Type: text/plain\n\nciao\n--zzzz--\n",
    "boundary that never comes": b"Content-Type: multipart/mixed; boundary=q\n\nciao\n",
    "boundary in its own child": b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nciao\n--b--\n",
    "3 MB header": b"Subject: " + b"x" * 3_000_000 + b"\n\nciao",
    "100000 headers": b"X-A: b\n" * 100_000 + b"\nciao",
    "100000 folded lines": b"Subject: a\n" + b" b\n" * 100_000 + b"\nciao",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nciao",
    "half encoded words": b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nciao",
    "addresses": b"To: " + b"a@b.it, " * 50_000 + b"\n\nciao",
    "brackets": b"From: " + b"<" * 100_000 + b"\n\nciao",
    "quotes": b"From: " + b'"' * 99_999 + b"\n\nciao",
    "backslashes": b'Content-Disposition: attachment; filename="' + b"\\" * 99_999 + b"\n\nciao",
    "parameters": b"Content-Type: text/plain" + b"; a*0*=b" * 50_000 + b"\n\nciao",
    "references": b"References: " + b"<a@b> " * 100_000 + b"\n\nciao",
    "tags": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "30000 tags": b"Content-Type: text/html\n\n" + b"<div>" * 29_000 + b"ciao",
    "bold": b"Content-Type: text/html\n\n" + b"<b>" * 29_000 + b"<p>ciao",
    "links": b"Content-Type: text/html\n\n" + b"<a><table>" * 14_000 + b"ciao",
    "fonts": b"Content-Type: text/html\n\n" + b"<font color=red><p>" * 14_000 + b"ciao",
    "quotes of html": b"Content-Type: text/html\n\n" + b"<blockquote>" * 29_000 + b"ciao",
    "open angle brackets": b"Content-Type: text/html\n\n" + b"<" * 900_000,
    "attributes": b"Content-Type: text/html\n\n<p " + b"a=1 " * 200_000 + b">ciao</p>",
    "unfinished comment": b"Content-Type: text/html\n\nciao<!--" + b"-" * 900_000,
    "entities": b"Content-Type: text/html\n\n" + b"&amp;" * 180_000,
    "xml entity bomb": b'Content-Type: text/html\n\n<?xml version="1.0" encoding="ucs-4"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><p>&b;</p>',
    "octets": bytes(range(256)) * 1000,
    "zeros": b"\0" * 500_000,
    "line feeds": b"\n" * 2_000_000,
    "carriage returns": b"\r" * 500_000,
    "base64 of equal signs": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 500_000,
    "base64 padded everywhere": b"Content-Transfer-Encoding: base64\n\n" + b"YQ==" * 100_000,
    "quoted-printable of nothing": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 500_000,
    "uuencode of nothing": b"Content-Transfer-Encoding: x-uuencode\n\n" + b"M\xff\n" * 50_000,
    "utf-7 of nothing": b"Content-Type: text/plain; charset=utf-7\n\n" + b"+" * 500_000,
    "utf-16 cut in a pair": b"Content-Type: text/plain; charset=utf-16\n\n\xff\xfe\x3d\xd8",
    "lone surrogates": b"Content-Type: text/plain; charset=utf-8\n\n\xed\xa0\x80ciao",
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 100_000,
    "date of nothing": b"Date: 99 Foo 99999 99:99:99 +9999\n\nciao",
    "date far away": b"Date: Mon, 1 Jan 9999999999 00:00:00 +0000\n\nciao",
    "date with a wild zone": b"Date: Mon, 1 Jan 2024 00:00:00 +999999999\n\nciao",
    "calendar": b"Content-Type: text/calendar; charset=zzz\n\nBEGIN:VCALENDAR",
    "empty": b"",
    "mbox": b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nciao",
    "headers without end": b"Subject: x\nFrom: a@b.it",
    "body without empty line": b"Subject: x\nquesta non \xc3\xa8 un'intestazione\nciao",
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_e25_no_mail_stops_the_reader_or_keeps_it_busy(bomb):
    started = time.process_time()
    parsed = parse_mail(BOMBS[bomb])
    assert time.process_time() - started < 2.5
    assert "The mail could not be read. The original is kept." not in notices(parsed)
    parsed.text.encode()
    parsed.html.encode()


def test_e25_limits_leave_out_with_a_notice():
    small = Limits(octets=2_000_000, parts=10, files=3, file=1000, text=100, html=1000)
    parts = ["Content-Type: text/plain\n\n" + "a" * 500, "Content-Type: text/html\n\n" + "<b>" * 999]
    files = [
        f"Content-Disposition: attachment; filename=f{n}.txt\n\n{'x' * size}"
        for n, size in enumerate([5, 2000, 5, 5, 5, 5, 5, 5, 5, 5])
    ]
    body = "".join(f"--b\n{part}\n" for part in parts + files)
    parsed = mail("Content-Type: multipart/mixed; boundary=b", body, limits=small)
    assert len(parsed.text) == 100
    assert [each.name for each in parsed.files] == ["f0.txt", "f2.txt", "f3.txt"]
    assert notices(parsed) == [
        "The file “f1.txt” is too large and is left out. The original is kept.",
        "The mail has more than 3 files. The others are in the original, which is kept.",
        "The formatted text was too large and is left out. The original is kept.",
        "The text was too long and is cut after 100 characters. The original is kept.",
        "The mail has too many parts. What was left out is in the original, which is kept.",
    ]


def test_e25_a_mail_of_fifty_megabytes_is_read_in_seconds():
    encoded = base64.encodebytes(b"\0" * 37_000_000)
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nciao\n--b\nContent-Type: application/zip; name=big.zip\n"
        b"Content-Transfer-Encoding: base64\n\n" + encoded + b"\n--b--\n"
    )
    assert len(raw) > 49_900_000
    started = time.process_time()
    parsed = parse_mail(raw)
    assert time.process_time() - started < 8
    assert (parsed.text, parsed.files) == ("ciao", ())
    assert notices(parsed) == ["The file “big.zip” is too large and is left out. The original is kept."]


@given(st.binary(max_size=4000))
@settings(max_examples=300, deadline=None)
def test_e25_any_octets_give_a_value(octets):
    parsed = parse_mail(octets)
    assert "The mail could not be read. The original is kept." not in notices(parsed)


LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b",
            b'Content-Type: multipart/alternative; boundary="b"',
            b"--b",
            b"--b--",
            b"",
            b"Content-Type: text/html; charset=utf-16",
            b"Content-Transfer-Encoding: base64",
            b"Content-Type: message/rfc822",
            b"Content-Disposition: attachment; filename*0*=x'y; filename=\"",
            b"<p>ciao<blockquote>",
            b"YWJj=",
            b"=?utf-8?b?YQ",
            b"Subject: =?utf-7?q?+AD?=",
            b" continued",
            b"From: <a@b> (c",
            b"Content-ID: <a>",
            b"\xff\xfe",
            b"begin 644 x",
            b"=3D=",
            b"\t",
            b"Content-Transfer-Encoding: quoted-printable",
            b"Content-Type: application/ms-tnef",
            b"Content-Type: text/plain; format=flowed",
        ]
    ),
    max_size=40,
)


@given(LINES)
@settings(max_examples=300, deadline=None)
def test_e25_any_order_of_mime_lines_gives_a_value(lines):
    parsed = parse_mail(b"\n".join(lines))
    assert "The mail could not be read. The original is kept." not in notices(parsed)
    assert "<script" not in parsed.html
