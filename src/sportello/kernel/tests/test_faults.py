from dataclasses import dataclass

from sportello.kernel.imports.faults import every_fault, noted
from sportello.kernel.refusals import InvalidInput


@dataclass(frozen=True)
class Row:
    code: str = ""
    name: str = ""
    limit: int = 0


def checked(row: Row) -> Row:
    if row.code == "bad":
        raise InvalidInput("no such code", field="code")
    if row.name != "Ada":
        raise InvalidInput("not Ada", field="name")
    if row.limit > 5:
        raise InvalidInput("too much", field="limit")
    if row.limit < 0:
        raise InvalidInput("odd row")
    return row


def test_every_fault_of_a_row_is_told_at_once():
    assert every_fault(checked, Row("bad", "Bo", 9), name="Ada") == (
        Row("", "Ada", 0), [("code", "no such code"), ("name", "not Ada"), ("limit", "too much")],
    )  # fmt: skip
    assert every_fault(checked, Row("a", "Ada", 1)) == (Row("a", "Ada", 1), [])


def test_a_fault_that_nothing_mends_ends_the_search():
    assert every_fault(checked, Row("bad", "Ada", -1))[1] == [("code", "no such code"), ("", "odd row")]
    assert every_fault(checked, Row("a", "Bo"))[1] == [("name", "not Ada"), ("name", "not Ada")]


def test_what_cannot_be_made_is_noted():
    faults = []
    assert noted(faults, lambda: checked(Row("a", "Ada")).code, "none") == "a"
    assert noted(faults, lambda: checked(Row("bad")).code, "none") == "none"
    assert noted(faults, lambda: checked(Row("a", "Ada", -1)).code, "none") == "none"
    assert faults == [("code", "no such code"), ("", "odd row")]
