"""Reading mails without a database: what real programs send, what broken ones send, what attackers send."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.incoming.parsing.parts import transfer_decoded
from sportello.messaging.tests.incoming_mails import mail, notices
from sportello.messaging.types import MailAddress, MailFile, ParsedMail

SAMPLES = Path(__file__).parents[5] / "shared" / "data" / "mail"
NO_TEXT = "The mail has no text."


def test_a_plain_mail_is_read_with_all_its_headers():
    parsed = parse_mail(
        b"Return-Path: <mario@Acme.IT>\r\nDelivered-To: tickets+rabc@Reply.Portal.test\r\n"
        b'From: =?utf-8?q?Mario_R=C3=B2ssi?= <Mario@ACME.it>\r\nTo: <a@b.it>,\r\n "Rossi, Ada" <ada@b.it>\r\nCc: c@b.it (Ciro)\r\n'
        b"Reply-To: other@acme.it\r\nSubject: =?iso-8859-1?Q?Citt=E0?=\r\n =?iso-8859-1?Q?_nuova?=\r\n"
        b"Message-ID: <1@acme.it>\r\nIn-Reply-To: <0@portal>\r\nReferences: <root@portal> <0@portal>\r\n"
        b"Date: Mon, 2 Apr 2012 18:22:10 +0200\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCiao\r\n  \xc3\xa8 ok\r\n"
    )
    sender = MailAddress(address="Mario@acme.it", name="Mario Ròssi")
    assert replace(parsed, sent_at=None) == ParsedMail(
        subject="Città nuova",
        sender=sender,
        senders=(sender,),
        reply_to=(MailAddress(address="other@acme.it"),),
        to=(MailAddress(address="a@b.it"), MailAddress(address="ada@b.it", name="Rossi, Ada")),
        cc=(MailAddress(address="c@b.it", name="Ciro"),),
        delivered_to=("tickets+rabc@reply.portal.test",),
        envelope_from="mario@acme.it",
        message_id="1@acme.it",
        in_reply_to=("0@portal",),
        references=("root@portal", "0@portal"),
        text="Ciao\n  è ok",
    )
    assert parsed.sent_at is not None
    assert parsed.sent_at.isoformat() == "2012-04-02T16:22:10+00:00"


CHARSETS = {
    "utf-8": "Città è già pronta €".encode(),
    "ISO-8859-1": "Città è già pronta €".encode("cp1252"),
    "iso-8859-15": "Città è già pronta €".encode("iso-8859-15"),
    "windows-1252": "Città è già pronta €".encode("cp1252"),
    "utf-7": "Città è già pronta €".encode("utf-7"),
    "UNICODE-1-1-UTF-7": "Città è già pronta €".encode("utf-7"),
    "utf-16": "Città è già pronta €".encode("utf-16"),
    "utf-16le": "Città è già pronta €".encode("utf-16-le"),
    "us-ascii": "Città è già pronta €".encode(),
    "x-unknown": "Città è già pronta €".encode(),
    "no-such-charset": "Città è già pronta €".encode("cp1252"),
    "unicode_escape": "Città è già pronta €".encode(),
    "base64": "Città è già pronta €".encode(),
    "": "Città è già pronta €".encode("cp1252"),
}


@pytest.mark.parametrize("charset", CHARSETS)
def test_e25_every_charset_is_read_also_wrong_and_invented_ones(charset):
    named = f"; charset={charset}" if charset else ""
    encoded = base64.encodebytes(CHARSETS[charset])
    parsed = mail(f"Content-Type: text/plain{named}\nContent-Transfer-Encoding: base64", encoded)
    assert parsed.text == "Città è già pronta €"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-2022-jp", "こんにちは"),
        ("Shift_JIS", "こんにちは"),
        ("gb2312", "你好世界"),
        ("big5", "你好世界"),
        ("koi8-r", "Привет"),
        ("windows-1251", "Привет"),
        ("ks_c_5601-1987", "안녕하세요"),
        ("iso-8859-8-i", "שלום"),
        ("windows-1256", "مرحبا"),
    ],
)
def test_charsets_of_other_scripts_are_read(charset, text):
    codec = {"ks_c_5601-1987": "cp949", "iso-8859-8-i": "iso-8859-8"}.get(charset, charset)
    assert mail(f"Content-Type: text/plain; charset={charset}", text.encode(codec)).text == text


def test_utf_7_cannot_hide_markup_from_the_cleaner():
    parsed = mail("Content-Type: text/html; charset=utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-<p>Ciao</p>")
    assert (parsed.text, parsed.html) == ("Ciao", "<p>Ciao</p>")


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?B?Q2l0dMOg?=", "Città"),
        ("=?utf-8?B?Q2l0dMM=?= =?utf-8?B?oA==?=", "Città"),  # one character over two words
        ("=?utf-8?q?Citt=C3=A0_=E2=82=AC?= ok", "Città € ok"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
        ("=?nonsense?q?Citt=E0?=", "Città"),
        ("=?utf-8?B?!!!?=", ""),
        ("Città a mano", "Città a mano"),
        ("=?utf-8?q?a=0D=0ABcc:_x=40y.it?=", "a Bcc: x@y.it"),
        ("=?utf-8?q?=E2=80=AEgpj.exe?=", "gpj.exe"),
        ("=?us-ascii*en?q?hello?=", "hello"),
    ],
)
def test_e22_e23_subjects_are_decoded_to_one_line_without_control_or_direction_marks(header, subject):
    assert mail(f"Subject: {header}").subject == subject


NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<style>@import 'https://evil.test/x.css'</style>",
    '<p style="background:url(https://evil.test/p.gif)">x</p>',
    '<img src="https://evil.test/pixel.gif">',
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    '<table background="https://evil.test/x.gif"><tr><td>x</td></tr></table>',
    '<iframe src="https://evil.test"></iframe>',
    "<form action=https://evil.test><input name=p><button>x</button></form>",
    '<meta http-equiv="refresh" content="0;url=https://evil.test">',
    '<base href="https://evil.test/">',
    '<object data="https://evil.test/x.swf"></object><embed src="https://evil.test/x">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<video poster='https://evil.test/x.png'></video><audio src=https://evil.test/x></audio>",
    '<link rel=stylesheet href="https://evil.test/x.css">',
    "<!--[if mso]><img src='https://evil.test/x'><![endif]-->",
    "<input type=image src=https://evil.test/x>",
    '<a href="vbscript:msgbox(1)">x</a><a href="data:text/html,<script>1</script>">y</a>',
    '<img srcset="https://evil.test/x.png 2x" src="cid:a">',
    '<p><!-- </p><img src="https://evil.test/y" --> <b>x',
]


@pytest.mark.parametrize("nasty", NASTY)
def test_e22_html_of_a_mail_cannot_do_anything(nasty):
    html = mail("Content-Type: text/html; charset=utf-8", f"<p>Ciao</p>{nasty}").html.lower()
    assert html.startswith("<p>ciao</p>")
    for word in (
        "evil.test",
        "alert",
        "javascript",
        "vbscript",
        "data:",
        "style",
        "<script",
        "onerror",
        "<form",
        "<input",
    ):
        assert word not in html


def test_images_of_the_mail_itself_stay_and_are_marked_inline():
    parsed = mail(
        'Content-Type: multipart/related; boundary="b"',
        '--b\nContent-Type: text/html\n\n<p>Ecco <img src="cid:foto@1" alt="foto"></p>\n'
        "--b\nContent-Type: image/png\nContent-ID: <foto@1>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n",
    )
    assert parsed.html == '<p>Ecco <img src="cid:foto@1" alt="foto"></p>'
    assert parsed.files == (
        MailFile(
            name="file-1.png",
            content_type="image/png",
            content=b"\x89PNG\r\n\x1a\n",
            inline=True,
            content_id="foto@1",
        ),
    )


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="..\\\\..\\\\evil.exe"', "evil.exe"),
        ("attachment; filename*=utf-8''tracciato%20pi%C3%B9.pdf", "tracciato più.pdf"),
        ("attachment; filename*0*=utf-8''a%20; filename*1=b.pdf", "a b.pdf"),
        ('attachment; filename="=?utf-8?q?citt=C3=A0.pdf?="', "città.pdf"),
        ('attachment; filename="a\\"b.pdf"', "a_b.pdf"),
        ("attachment; filename=senza virgolette.pdf", "senza virgolette.pdf"),
        ('attachment; filename="CON.txt"', "_CON.txt"),
        ('attachment; filename=".."', "file-1.pdf"),
        ('attachment; filename="<img src=x onerror=alert(1)>.pdf"', "_img src=x onerror=alert(1)_.pdf"),
        ('attachment; filename="' + "x" * 500 + '.pdf"', "x" * 116 + ".pdf"),
        ('attachment; filename="evil\u202efdp.exe"', "evil fdp.exe"),
        ("attachment", "file-1.pdf"),
    ],
)
def test_e22_names_of_files_are_plain_names(disposition, name):
    parsed = mail(f"Content-Type: application/pdf\nContent-Disposition: {disposition}", b"%PDF")
    assert [each.name for each in parsed.files] == [name]


def multipart(*parts: str, kind: str = "mixed", more: str = "") -> ParsedMail:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return mail(f'Content-Type: multipart/{kind}; boundary="b"{more}', f"{body}--b--\n")


def test_text_between_files_is_joined_in_order():
    parsed = multipart(
        "Content-Type: text/plain\n\nPrima",
        "Content-Type: image/jpeg; name=a.jpg\nContent-Disposition: inline; filename=a.jpg\n\nJPEG",
        "Content-Type: text/plain\n\nDopo",
    )
    assert (parsed.text, [each.name for each in parsed.files]) == ("Prima\n\nDopo", ["a.jpg"])


def test_an_alternative_is_read_in_its_plain_form_unless_that_says_nothing():
    html = "<p>Ciao <b>Ada</b></p><p>" + "testo " * 100 + "</p>"
    said = multipart("Content-Type: text/plain\n\nCiao", f"Content-Type: text/html\n\n{html}", kind="alternative")
    empty = multipart("Content-Type: text/plain\n\n ", f"Content-Type: text/html\n\n{html}", kind="alternative")
    only = "Your mail program cannot show HTML."
    refused = multipart(f"Content-Type: text/plain\n\n{only}", f"Content-Type: text/html\n\n{html}", kind="alternative")
    assert (said.text, empty.text[:8], refused.text[:8]) == ("Ciao", "Ciao Ada", "Ciao Ada")


def test_what_cannot_be_read_is_kept_as_a_file_with_a_notice():
    cases = {
        "application/ms-tnef; name=winmail.dat": ("winmail.dat", "The mail came in Outlook's own format (winmail.dat). It is kept as a file."),
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m": ("smime.p7m", "The mail is encrypted. It is kept as a file: its text cannot be read here."),
        "application/pkcs7-signature; name=smime.p7s": ("smime.p7s", "The mail is signed. The signature is kept as a file; it was not checked."),
        "application/pgp-signature": ("file-1.asc", "The mail is signed. The signature is kept as a file; it was not checked."),
        "text/calendar; method=REQUEST": ("file-1.ics", "The mail holds a calendar invitation. It is kept as a file."),
    }  # fmt: skip
    for kind, (name, notice) in cases.items():
        parsed = multipart("Content-Type: text/plain\n\nCiao", f"Content-Type: {kind}\n\nXXX")
        assert (parsed.text, [each.name for each in parsed.files], notices(parsed)) == ("Ciao", [name], [notice])


def test_an_encrypted_mail_has_no_text_and_both_files():
    parsed = multipart(
        "Content-Type: application/pgp-encrypted\n\nVersion: 1",
        'Content-Type: application/octet-stream; name="encrypted.asc"\n\n-----BEGIN PGP MESSAGE-----',
        kind="encrypted",
    )
    assert parsed.text == ""
    assert [each.name for each in parsed.files] == ["file-1.asc", "encrypted.asc"]
    assert notices(parsed) == ["The mail is encrypted. It is kept as a file: its text cannot be read here.", NO_TEXT]


def test_a_mail_within_a_mail_is_a_file_named_by_its_subject():
    parsed = multipart("Content-Type: text/plain\n\nVedi", "Content-Type: message/rfc822\n\nSubject: Vecchia\n\nciao")
    (file,) = parsed.files
    assert (file.name, file.content, parsed.text) == ("Vecchia.eml", b"Subject: Vecchia\n\nciao", "Vedi")


def test_text_broken_for_sending_is_put_together_again():
    body = "Questa riga \ncontinua qui.\n> citata \n> ancora\n-- \nMario \nRossi\n"
    parsed = mail("Content-Type: text/plain; format=flowed", body)
    assert parsed.text == "Questa riga continua qui.\n> citata ancora\n-- \nMario Rossi"


def test_transfer_encodings_are_undone_however_broken():
    assert transfer_decoded(b"Q2lhbw==\nISE=", "base64") == b"Ciao!!"
    assert transfer_decoded(b"Q2l\xffhb*w", "base64") == b"Ciao"
    assert transfer_decoded(b"Citt=E0=\nok=zz", "quoted-printable") == b"Citt\xe0ok=zz"
    assert transfer_decoded(b"begin 644 x\n#0V%T\n`\nend\n", "x-uuencode") == b"Cat"
    assert transfer_decoded(b"abc", "zork") == b"abc"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder shared/data/mail is not here")
def test_every_sample_mail_is_read_without_an_error():
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and path.name != "LICENSE"]
    assert len(files) > 60
    for path in files:
        parsed = parse_mail(path.read_bytes())
        assert "The mail could not be read. The original is kept." not in notices(parsed), path
