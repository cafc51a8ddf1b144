"""Text that its program broke into short lines for sending (RFC 3676, `format=flowed`), put back into whole lines."""

from __future__ import annotations

import re


def unflowed(text: str, *, delete_space: bool) -> str:
    """Join lines that end with a space to the next of the same quote depth; the signature's `-- ` stays alone."""
    lines: list[str] = []
    depth_before, is_open = -1, False
    for raw in text.split("\n"):
        marks = len(raw) - len(raw.lstrip(">"))
        body = raw[marks:]
        body = body.removeprefix(" ")
        goes_on = body.endswith(" ") and body != "-- "
        if is_open and marks == depth_before and body != "-- ":
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + body
        else:
            lines.append((">" * marks + " " if marks else "") + body)
        depth_before, is_open = marks, goes_on
    return "\n".join(lines)


def plain_of_enriched(text: str) -> str:
    """Return the text of `text/enriched` or `text/richtext` without its commands (RFC 1896)."""
    text = re.sub(r"<param>[^<]{0,500}</param>", "", text, flags=re.IGNORECASE)
    return re.sub(r"<(?!<)/?[a-zA-Z-]{1,60}>", "", text).replace("<<", "<")
