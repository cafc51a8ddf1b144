"""From the tree of an HTML mail to lines of text, with marks where mail programs put a quote or a signature.

The marks are characters that no text holds (they are taken out of texts that come in): the code that splits replies reads them.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

CUT: Final = "\ue000"
"""On a line of its own: what follows is the quoted mail, to the end."""
SIGNATURE: Final = "\ue001"
"""At the beginning of a line that stands in what its program calls a signature."""
MARKS: Final = re.compile("[\ue000\ue001]")


def names(words: str) -> frozenset[str]:
    """Return the names of a list in one text."""
    return frozenset(words.split())


_SKIPPED: Final = names("head style script title template noscript svg math object select textarea xml")
_BLOCKS: Final = names(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_SPACED: Final = names("h1 h2 h3 h4 h5 h6 ol p pre table ul dl")
_TIGHT: Final = re.compile(r"margin(?:-top|-bottom)?\s*:\s*0", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_INDENT: Final = re.compile(r"border\s*:\s*(?:none|0)|margin(?:-left)?\s*:[^;]*40px", re.IGNORECASE)

_CUTS: Final = re.compile(
    r"(?:^|\s|x_)(?:OutlookMessageHeader|divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|"
    r"ms-outlook-mobile-reference-message|zwchr|hm_signature_separator|isReplyContent|isForwardContent|ecxstopSpelling|"
    r"OLK_SRC_BODY_SECTION|moz-forward-container|__DIVIDER__|__HEADERS__|__QUOTED_TEXT__|MailContainerBodyReply|replyBlock)(?=\s|$)",
    re.IGNORECASE,
)
"""Where programs write the header of the quoted mail: all that follows is quoted."""
_QUOTES: Final = re.compile(
    r"(?:^|\s|x_)(?:gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|reply-intro|"
    r"mail_android_quote|mailru-blockquote|mail-quote-collapse|AOLMsgPart_\S*|yqt\d+|ydp\S*yahoo_quoted|messageReplySection|"
    r"spark_quote|bloop_quote|freebirdMailQuote|quotedText|gmx_quote|ox-\S*-quote|WM_Quote|cite_prefix|"
    r"elided-text|iCloudQuote|yandex-quote|mcntmcntquote|email_quote)(?=\s|$)",
    re.IGNORECASE,
)
"""Elements that hold a quote or the line before it; what follows them may be the writer's again."""
_SIGNATURES: Final = re.compile(
    r"(?:^|\s|x_)(?:\S{0,40}signature|\S{0,40}signature[-_](?:block|wrapper|container|old|new|prefix)|protonmail_signature_block\S{0,10}|"
    r"ymail_\w{1,20}_signature|bloop_sign\S{0,20}|messageSignatureSection)(?=\s|$)",
    re.IGNORECASE,
)
_QUOTE_PREFIX: Final = "> "
_DEEPEST: Final = 9


class Walk:
    """Walk over the tree once, without recursion, and collect lines."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._quotes = 0
        self._signatures = 0
        self._pre = 0
        self._skip: Any = None
        self._gap = False
        self._cut_done = False

    def text(self, root: Any) -> str:
        """Return the lines of a document."""
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                self._start(element)
            else:
                self._end(element)
        self._flush()
        return "\n".join(self._lines).strip("\n")

    def _start(self, element: Any) -> None:
        if self._skip is not None:
            return
        tag, marks = element.tag.lower(), _names(element)
        if tag in _SKIPPED or _HIDDEN.search(element.get("style") or ""):
            self._skip = element
            return
        if not self._cut_done and (_CUTS.search(marks) or _is_forwarded(element, marks)):
            self._line_end()
            self._lines.append(CUT)
            self._cut_done = True
        if tag in _BLOCKS:
            self._block(tag, element)
        self._quotes += _is_quote(element, tag, marks)
        self._signatures += _is_signature(element, marks)
        self._pre += tag == "pre"
        self._void(tag)
        self._add(element.text)

    def _end(self, element: Any) -> None:
        if self._skip is not None:
            if self._skip is element:
                self._skip = None
                self._add(element.tail)
            return
        tag, marks = element.tag.lower(), _names(element)
        if tag in _BLOCKS:
            self._block(tag, element)
        elif tag in {"td", "th"}:
            self._add(" ")
        quote, signature = _is_quote(element, tag, marks), _is_signature(element, marks)
        if quote or signature:
            self._line_end()
        self._quotes -= quote
        self._signatures -= signature
        self._pre -= tag == "pre"
        self._add(element.tail)

    def _void(self, tag: str) -> None:
        if tag == "br":
            self._flush()
        elif tag == "hr":
            self._line_end()
            self._line = "_" * 32
            self._flush()
        elif tag == "li":
            self._line = "- "

    def _block(self, tag: str, element: Any) -> None:
        self._line_end()
        is_tight = "msonormal" in (element.get("class") or "").lower() or _TIGHT.search(element.get("style") or "")
        if tag in _SPACED and not is_tight:
            self._gap = True

    def _add(self, text: str | None) -> None:
        if not text:
            return
        text = MARKS.sub("", text)
        if self._pre:
            first, *rest = text.split("\n")
            self._line += first
            for line in rest:
                self._flush()
                self._line = line
            return
        squeezed = re.sub(r"[ \t\n\r\f\v]+", " ", text)
        if (not self._line.strip("- ") and not self._line.startswith("- ")) or self._line.endswith(" "):
            squeezed = squeezed.lstrip(" ")
        self._line += squeezed

    def _line_end(self) -> None:
        if self._line.strip(" "):
            self._flush()
        else:
            self._line = ""

    def _flush(self) -> None:
        """Write the line that was collected, an empty one too."""
        text = self._line.rstrip(" ").replace("\xa0", " ")
        if self._gap and text.strip() and self._lines and self._lines[-1].strip("> \ue001"):
            self._lines.append(self._prefix().rstrip())
        if text.strip():
            self._gap = False
        self._lines.append((self._prefix() + text).rstrip())
        self._line = ""

    def _prefix(self) -> str:
        return (SIGNATURE if self._signatures else "") + _QUOTE_PREFIX * min(self._quotes, _DEEPEST)


def _names(element: Any) -> str:
    """Return the names that a program gave an element: its classes, its id, its data-marker."""
    return " ".join(element.get(name) or "" for name in ("class", "id", "data-marker", "name", "data-smartmail"))


def _is_quote(element: Any, tag: str, marks: str) -> bool:
    if tag != "blockquote":
        return tag in _BLOCKS and bool(_QUOTES.search(marks))
    if element.get("type") == "cite" or element.get("cite") or re.search(r"quote|cite", marks, re.IGNORECASE):
        return True
    return not _INDENT.search(element.get("style") or "")


def _is_forwarded(element: Any, marks: str) -> bool:
    """Tell whether the line that Gmail puts before a quote says that a mail is forwarded: all below is that mail."""
    return "gmail_attr" in marks and (element.text or "").lstrip().startswith("-----")


def _is_signature(element: Any, marks: str) -> bool:
    return bool(_SIGNATURES.search(marks)) and next(element.iter("blockquote"), None) is None
