"""Inventory as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """Agreements, lines and their history, SIMs, plans and options."""

    name = "sportello.inventory"
    label = "inventory"

    def ready(self) -> None:
        """Tell the pages of people and organisations what lines they have; offer the page of a line."""
        from sportello.accounts.lines_of_people import register_lines_of_people
        from sportello.inventory.line_pages import LinePage, register_line_page
        from sportello.inventory.people import HeldLines, agreement_figure, line_figure
        from sportello.kernel.access import Section
        from sportello.parties.figures import register_figure

        register_lines_of_people(HeldLines())
        register_figure(line_figure)
        register_figure(agreement_figure)
        register_line_page(LinePage(name="inventory:line", label=_("Line"), section=Section.ADMINISTRATION, place=1))
