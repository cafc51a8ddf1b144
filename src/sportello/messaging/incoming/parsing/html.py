"""HTML of a mail: clean for showing, and as plain text with marks where mail programs put quotes and signatures."""

from __future__ import annotations

import html as entities
import re
from typing import Final

import nh3
from lxml import etree

from sportello.messaging.incoming.parsing.limits import Limits
from sportello.messaging.incoming.parsing.marks import Walk, names

_TAGS: Final = names(
    "a abbr address b big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure "
    "font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td "
    "tfoot th thead tr tt u ul var wbr"
)
_WITHOUT_CONTENT: Final = names(
    "script style head title template noscript object embed applet iframe frame frameset svg math form select textarea button "
    "audio video canvas xml noembed noframes"
)
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}
_NESTING: Final = re.compile(
    r"<(/?)(?:div|blockquote|table|span|font|ul|ol|section|article|center|b|i|u|a)\b", re.IGNORECASE
)
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>?")


def cleaned(html: str, limits: Limits) -> str:
    """Return HTML that cannot do anything: no script, no style, no form, images only of the mail itself (`cid:`) (ABUSE E22).

    Empty when there are so many tags that reading them would be an attack of its own.
    """
    if is_too_much(html, limits):
        return ""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_WITHOUT_CONTENT),
        attributes={name: set(names) for name, names in _ATTRIBUTES.items()},
        attribute_filter=_only_own_images,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _only_own_images(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if tag == "img" and value.lower().startswith("cid:") else None
    if attribute == "href" and value.lower().lstrip().startswith("cid:"):
        return None
    return value


def is_too_much(html: str, limits: Limits) -> bool:
    """Tell whether HTML is longer or has more tags than a mail that somebody wrote."""
    return len(html) > limits.html or html.count("<") > limits.tags or _depth(html) > limits.html_depth


def _depth(html: str) -> int:
    """Return at least how deep elements that must be closed lie in one another: cleaning takes the square of it."""
    deepest = depth = 0
    for found in _NESTING.finditer(html):
        depth = max(depth + (-1 if found[1] else 1), 0)
        deepest = max(deepest, depth)
    return deepest


def to_text(html: str, limits: Limits) -> str:
    """Return what HTML says as plain text, quotes marked with `>`, and the marks of `marks.py` where programs put them."""
    if is_too_much(html, limits):
        return _stripped(html[: limits.html])
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return _stripped(html)
    text = Walk().text(root) if root is not None else ""
    # The parser gives up on trees that are too deep: the bare text is better than none.
    return text if text.strip() else _stripped(html)


def _stripped(html: str) -> str:
    """Return the text between tags, for HTML that is not worth more."""
    return entities.unescape(_TAG.sub(" ", html)).strip()
