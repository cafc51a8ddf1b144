"""Sportello: a self-hosted customer portal for telecom operators."""

__version__ = "0.1.0"
