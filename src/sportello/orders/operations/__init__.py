"""Every write of orders."""

from sportello.orders.operations.answering import answer_question, cancel_items, take_file
from sportello.orders.operations.completing import ItemRefused, complete_items, complete_orders
from sportello.orders.operations.desk import edit_type, make_type, set_approval, set_queue
from sportello.orders.operations.drafting import (
    change_draft,
    discard_draft,
    draft_order,
    leave_out,
    request_of,
)
from sportello.orders.operations.files import columns_of, load_orders
from sportello.orders.operations.proving import confirm_number, send_number_code
from sportello.orders.operations.results import load_results
from sportello.orders.operations.submitting import (
    CannotBeSent,
    NumbersNotProven,
    WarningsNotRead,
    approve_order,
    place_order,
    refuse_approval,
    submit_order,
    warnings_of,
)
from sportello.orders.operations.telling import tell_of_step
from sportello.orders.operations.working import (
    add_note,
    ask_customer,
    hand_over,
    reject_items,
    start_work,
    take_order,
    wait_for_third,
)

__all__ = [
    "CannotBeSent",
    "ItemRefused",
    "NumbersNotProven",
    "WarningsNotRead",
    "add_note",
    "answer_question",
    "approve_order",
    "ask_customer",
    "cancel_items",
    "change_draft",
    "columns_of",
    "complete_items",
    "complete_orders",
    "confirm_number",
    "discard_draft",
    "draft_order",
    "edit_type",
    "hand_over",
    "leave_out",
    "load_orders",
    "load_results",
    "make_type",
    "place_order",
    "refuse_approval",
    "reject_items",
    "request_of",
    "send_number_code",
    "set_approval",
    "set_queue",
    "start_work",
    "submit_order",
    "take_file",
    "take_order",
    "tell_of_step",
    "wait_for_third",
    "warnings_of",
]
