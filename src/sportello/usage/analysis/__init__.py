"""Totals of traffic by what it is grouped by, month against month, and what is unusual in them."""
