"""The course of a message by the last two digits of the number, alike for the simulator and the scripted centre."""

from sportello.messaging.channels.sms.simulator import Course

BY_SUFFIX = {
    "01": Course.THROTTLED,
    "02": Course.BAD_SOURCE,
    "03": Course.QUEUE_FULL,
    "04": Course.BAD_DESTINATION,
    "06": Course.RECEIPT_NEVER,
    "07": Course.RECEIPT_FIRST,
    "08": Course.RECEIPT_TWICE,
    "09": Course.ACCEPTED_THEN_DELIVERED,
    "10": Course.UNDELIVERABLE,
    "11": Course.EXPIRED,
}
SILENT_SUFFIX = "05"  # no answer at all: only a real session can do that


def course_by_suffix(number: str) -> Course:
    return BY_SUFFIX.get(number[-2:], Course.DELIVERED)
