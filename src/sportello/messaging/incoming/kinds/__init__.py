"""What kind of mail it is: written by a person, or by a machine, and what a delivery failure says."""

from sportello.messaging.incoming.kinds.kind import WORDS_ALONE, Facts, Verdict, classify

__all__ = ["WORDS_ALONE", "Facts", "Verdict", "classify"]
