"""How a view is declared: `@page(section=…)` or `@public(why=…)`; a test refuses a bare one."""

from sportello.kernel.web.pages import PageMark, PageRequest, page, public

__all__ = ["PageMark", "PageRequest", "page", "public"]
