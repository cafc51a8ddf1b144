"""Rules of tickets: facts in, refusal out."""

from sportello.tickets.rules.catalogue import check_questions, check_type, read_choices, written_choices
from sportello.tickets.rules.feedback import LONGEST_WORDS, MOST_DAYS, AnsweringOver, check_feedback, check_wish
from sportello.tickets.rules.files import (
    FileRefused,
    check_can_keep,
    check_room,
    cleaned_name,
    kind_of_content,
    searchable_text,
)
from sportello.tickets.rules.importing import check_import
from sportello.tickets.rules.levels import Clock, clock_of, due_after_wait
from sportello.tickets.rules.opening import (
    check_can_ask,
    check_can_open,
    check_opening,
    checked_answers,
    code_of,
)
from sportello.tickets.rules.working import (
    ReopeningTooLate,
    check_can_change_state,
    check_can_link,
    check_can_merge,
    check_can_show_entry,
    check_can_show_ticket,
    check_can_work,
    check_can_write,
    check_tags,
    check_words,
    is_too_late,
    state_after_words,
    states_offered,
)

__all__ = [
    "LONGEST_WORDS",
    "MOST_DAYS",
    "AnsweringOver",
    "Clock",
    "FileRefused",
    "ReopeningTooLate",
    "check_can_ask",
    "check_can_change_state",
    "check_can_keep",
    "check_can_link",
    "check_can_merge",
    "check_can_open",
    "check_can_show_entry",
    "check_can_show_ticket",
    "check_can_work",
    "check_can_write",
    "check_feedback",
    "check_import",
    "check_opening",
    "check_questions",
    "check_room",
    "check_tags",
    "check_type",
    "check_wish",
    "check_words",
    "checked_answers",
    "cleaned_name",
    "clock_of",
    "code_of",
    "due_after_wait",
    "is_too_late",
    "kind_of_content",
    "read_choices",
    "searchable_text",
    "state_after_words",
    "states_offered",
    "written_choices",
]
