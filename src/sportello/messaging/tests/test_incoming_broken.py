"""Mails that are broken in a hundred ways, as programs, servers and lists break them: each can still be read."""

from __future__ import annotations

import base64

from sportello.messaging.incoming.kinds import classify
from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.incoming.replies import split_reply

WORDS = "Perché non va la linea?"
OCTETS, CODED = WORDS.encode(), base64.b64encode(WORDS.encode())
HEAD = b"From: Bo <bo@acme.test>\nTo: x@portal.test\nSubject: Re: Guasto\nMessage-ID: <1@acme.test>\n"
PART = b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS + b"\n"


def parts(head: bytes, body: bytes) -> bytes:
    return HEAD + head + b"\n\n" + body


BROKEN: dict[str, bytes] = {
    "no blank line": HEAD + b"Content-Type: text/plain; charset=utf-8\n" + OCTETS,
    "cr only": (HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS).replace(b"\n", b"\r"),
    "crcrlf": (HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS).replace(b"\n", b"\r\r\n"),
    "mixed ends": HEAD.replace(b"\n", b"\r\n") + b"Content-Type: text/plain; charset=utf-8\n\r\n" + OCTETS,
    "mbox from": b"From bo@acme.test Thu Jan 16 09:12:00 2025\n"
    + HEAD
    + b"Content-Type: text/plain; charset=utf-8\n\n"
    + OCTETS,
    "bom": b"\xef\xbb\xbf" + HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "leading blank": b"\n\n" + HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "leading space hdr": b" folded first\n" + HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "no headers": OCTETS,
    "only body blank": b"\n" + OCTETS,
    "utf8 no charset": HEAD + b"\n" + OCTETS,
    "latin1 says utf8": HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + WORDS.encode("latin1"),
    "utf8 says ascii": HEAD + b"Content-Type: text/plain; charset=us-ascii\n\n" + OCTETS,
    "utf8 says latin1": HEAD + b"Content-Type: text/plain; charset=iso-8859-1\n\n" + OCTETS,
    "utf16": HEAD + b"Content-Type: text/plain; charset=utf-16\n\n" + WORDS.encode("utf-16"),
    "utf16 in b64": HEAD
    + b"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n"
    + base64.b64encode(WORDS.encode("utf-16le")),
    "utf7": HEAD + b"Content-Type: text/plain; charset=utf-7\n\n" + WORDS.encode("utf-7"),
    "charset unknown": HEAD + b"Content-Type: text/plain; charset=x-unknown\n\n" + OCTETS,
    "charset quoted bad": HEAD + b'Content-Type: text/plain; charset="utf-8\n\n' + OCTETS,
    "charset empty": HEAD + b"Content-Type: text/plain; charset=\n\n" + OCTETS,
    "charset 'cp-850'": HEAD + b"Content-Type: text/plain; charset=cp-850\n\n" + WORDS.encode("cp850"),
    "ct garbage": HEAD + b"Content-Type: ;;;=\n\n" + OCTETS,
    "ct text": HEAD + b"Content-Type: text\n\n" + OCTETS,
    "ct missing slash": HEAD + b"Content-Type: textplain; charset=utf-8\n\n" + OCTETS,
    "ct twice": HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Type: text/html\n\n" + OCTETS,
    "ct octet": HEAD + b"Content-Type: application/octet-stream\n\n" + OCTETS,
    "cte unknown": HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: x-foo\n\n" + OCTETS,
    "cte 8bit;": HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit; foo\n\n" + OCTETS,
    "cte b64 not": HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + OCTETS,
    "b64 garbage within": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    + CODED[:10]
    + b"!!\n!"
    + CODED[10:],
    "b64 no padding": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    + CODED.rstrip(b"="),
    "b64 footer": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    + CODED
    + b"\n\n_______\nlist footer\n",
    "b64 caps": HEAD + b"Content-Type: TEXT/PLAIN; CHARSET=UTF-8\nContent-Transfer-Encoding: BASE64\n\n" + CODED,
    "qp broken": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nPerch=C3=A9 non va la linea?=ZZ =",
    "qp in 8bit": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    + OCTETS,
    "mp no end": parts(b"Content-Type: multipart/mixed; boundary=b", b"--b\n" + PART),
    "mp no boundary param": parts(b"Content-Type: multipart/mixed", b"--b\n" + PART + b"--b--\n"),
    "mp wrong boundary": parts(b"Content-Type: multipart/mixed; boundary=zzz", b"--b\n" + PART + b"--b--\n"),
    "mp boundary quoted unterminated": parts(
        b'Content-Type: multipart/mixed; boundary="b', b"--b\n" + PART + b"--b--\n"
    ),
    "mp boundary spaces": parts(b'Content-Type: multipart/mixed; boundary="b b "', b"--b b\n" + PART + b"--b b--\n"),
    "mp boundary single quotes": parts(b"Content-Type: multipart/mixed; boundary='b'", b"--b\n" + PART + b"--b--\n"),
    "mp boundary empty": parts(b'Content-Type: multipart/mixed; boundary=""', b"--\n" + PART + b"----\n"),
    "mp only preamble": parts(b"Content-Type: multipart/mixed; boundary=b", OCTETS),
    "mp only epilogue": parts(b"Content-Type: multipart/mixed; boundary=b", b"--b--\n" + OCTETS),
    "mp no part header blank": parts(b"Content-Type: multipart/mixed; boundary=b", b"--b\n" + OCTETS + b"\n--b--\n"),
    "mp cte b64 on multipart": parts(
        b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64", b"--b\n" + PART + b"--b--\n"
    ),
    "mp whole b64": parts(
        b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64",
        base64.b64encode(b"--b\n" + PART + b"--b--\n"),
    ),
    "mp nested same boundary": parts(
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n" + PART + b"--b--\n--b--\n",
    ),
    "mp nested missing inner end": parts(
        b"Content-Type: multipart/mixed; boundary=o",
        b"--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n"
        + PART
        + b"--o\nContent-Type: application/pdf; name=a.pdf\n\nx\n--o--\n",
    ),
    "mp boundary prefix": parts(
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n" + PART + b"--bb--\n--b--\n",
    ),
    "mp boundary trailing ws": parts(b"Content-Type: multipart/mixed; boundary=b", b"--b   \t\n" + PART + b"--b--  \n"),
    "mp/unknown": parts(b"Content-Type: multipart/x-foo; boundary=b", b"--b\n" + PART + b"--b--\n"),
    "mp alt empty plain": parts(
        b"Content-Type: multipart/alternative; boundary=b",
        b"--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>"
        + OCTETS
        + b"</p>\n--b--\n",
    ),
    "mp alt html first": parts(
        b"Content-Type: multipart/alternative; boundary=b",
        b"--b\nContent-Type: text/html; charset=utf-8\n\n<p>" + OCTETS + b"\n--b\n" + PART + b"--b--\n",
    ),
    "mp disposition attachment text only": parts(
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment\n\n" + OCTETS + b"\n--b--\n",
    ),
    "mp digest": parts(
        b"Content-Type: multipart/digest; boundary=b", b"--b\n\nFrom: x@y.test\nSubject: z\n\n" + OCTETS + b"\n--b--\n"
    ),
    "signed": parts(
        b'Content-Type: multipart/signed; boundary=b; micalg=sha1; protocol="application/pkcs7-signature"',
        b"--b\n"
        + PART
        + b"--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n",
    ),
    "related": parts(
        b"Content-Type: multipart/related; boundary=b",
        b"--b\nContent-Type: text/html; charset=utf-8\n\n<p>"
        + OCTETS
        + b"<img src=cid:a>\n--b\nContent-Type: image/png\nContent-ID: <a>\n\nx\n--b--\n",
    ),
    "html cut": HEAD + b"Content-Type: text/html; charset=utf-8\n\n<div><p>" + OCTETS + b'<a href="http://x',
    "html unclosed comment": HEAD + b"Content-Type: text/html; charset=utf-8\n\n<p>" + OCTETS + b"</p><!-- x",
    "html only style": HEAD + b"Content-Type: text/html; charset=utf-8\n\n<style>p{}</style>" + OCTETS,
    "html nul": HEAD + b"Content-Type: text/html; charset=utf-8\n\n<p>" + OCTETS + b"\0\0</p>",
    "html meta charset": HEAD + b"Content-Type: text/html\n\n<meta charset=windows-1252><p>" + WORDS.encode("cp1252"),
    "html entities broken": HEAD
    + b"Content-Type: text/html; charset=utf-8\n\n<p>Perch&eacute; non va la linea?&#x110000;&#99999999;&bogus;",
    "nul in text": HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS + b"\0\0",
    "nul in header": b"From: Bo\0 <bo@acme.test>\nSubject: a\0b\n\n" + OCTETS,
    "rfc2047 broken": b"From: =?utf-8?B?!!!?= <bo@acme.test>\nSubject: =?utf-8?Q?a=ZZ?= =?bogus?X?zz?= =?utf-8?B?4pyT\n\n"
    + OCTETS,
    "rfc2231": parts(b'Content-Type: multipart/mixed; boundary*0="b"; boundary*1="c"', b"--bc\n" + PART + b"--bc--\n"),
    "header folded weird": HEAD + b"Content-Type: text/plain;\n\tcharset=utf-8\n \n\n" + OCTETS,
    "header no colon": HEAD + b"Garbage line\nContent-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "header space colon": HEAD + b"Content-Type : text/plain; charset=utf-8\n\n" + OCTETS,
    "header empty name": HEAD + b": x\nContent-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "header 8bit name": HEAD + b"X-\xc3\xa9: x\nContent-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "message/rfc822 only": HEAD + b"Content-Type: message/rfc822\n\nFrom: a@b.test\nSubject: z\n\n" + OCTETS,
    "message/partial": HEAD + b"Content-Type: message/partial; id=x; number=1; total=2\n\n" + OCTETS,
    "message/external": HEAD + b'Content-Type: message/external-body; access-type=URL; URL="http://x"\n\n' + OCTETS,
    "text/enriched": HEAD + b"Content-Type: text/enriched; charset=utf-8\n\n<bold>" + OCTETS + b"</bold>",
    "from missing": b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n" + OCTETS,
    "from many": b"From: a@b.test, c@d.test\nFrom: e@f.test\nSubject: x\n\n" + OCTETS,
    "from broken": b'From: <<>>@@,,;;"\nSubject: x\n\n' + OCTETS,
    "date broken": HEAD + b"Date: Foo, 99 Bar 99999 99:99\n\n" + OCTETS,
    "date huge tz": HEAD + b"Date: Thu, 16 Jan 2025 09:12:00 +999999\n\n" + OCTETS,
    "flowed broken": HEAD
    + b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=maybe\n\nPerch\xc3\xa9 non \nva la \nlinea?\n",
    "dot stuffed": HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + OCTETS + b"\n.\n..\n",
    "mp name traversal": parts(
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b\n"
        + PART
        + b"--b\nContent-Type: application/pdf; name=\"../../../etc/passwd\"\nContent-Disposition: attachment; filename*=utf-8''%2e%2e%2f%00a.pdf\n\nx\n--b--\n",
    ),
}


def test_e25_a_broken_mail_is_read_all_the_same():
    said = {name: split_reply(parse_mail(raw).text).own.replace("\n", " ") for name, raw in BROKEN.items()}
    assert [name for name, text in said.items() if WORDS not in text] == []
    assert len(BROKEN) > 80


def test_e25_a_mail_cut_off_anywhere_or_with_any_octet_changed_raises_nothing():
    whole = parts(
        b'Content-Type: multipart/mixed; boundary="b"',
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + CODED + b"\n--b\n"
        b"Content-Type: text/html\n\n<p>x<a href='y'>z</a>\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--\n",
    )
    for at in range(0, len(whole), 3):
        for raw in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :], whole[:at] + b"\n" + whole[at:], whole[at:]):
            mail = parse_mail(raw)
            assert split_reply(mail.text, mail.marked) is not None
            assert classify(raw, mail).kind
