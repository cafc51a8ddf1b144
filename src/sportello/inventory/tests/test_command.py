"""`sportello inventory load PATH…`."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from sportello.accounts.models import Person
from sportello.inventory.management.commands.inventory import Command
from sportello.inventory.models import Line
from sportello.inventory.tasks import end_due_lines
from sportello.inventory.tests.factories import HEADER, SYSTEM, make_line
from sportello.kernel.models import Event
from sportello.parties.models import Organisation

CUSTOMERS = "customer_code,legal_name,vat_number,tax_code,public_administration,ipa_code,partner_code,province,email\nC1,Gamma S.r.l.,,,0,,,RM,\n"
PEOPLE = "customer_code,person_code,given_name,family_name,email,mobile,cost_centre,profiles\nC1,E1,Ugo,Neri,ugo@example.test,,CC1,employee\n"
LINES = f"{HEADER}\nC1,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,E1,CC1,,0\n"


def run(*paths):
    out = io.StringIO()
    code = 0
    try:
        call_command("inventory", "load", *map(str, paths), "--json", stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue())


def file(folder, name, content):
    path = folder / name
    path.write_text(content)
    return path


def test_three_files_in_any_order_are_taken(world, tmp_path):
    paths = [file(tmp_path, name, text) for name, text in (("l.csv", LINES), ("p.csv", PEOPLE), ("c.csv", CUSTOMERS))]
    code, said = run(*paths)
    assert (code, [(one["kind"], one["taken"], one["counts"]["new"]) for one in said["files"]]) == (
        0, [("customers", True, 1), ("people", True, 1), ("lines", True, 1)],
    )  # fmt: skip
    line = Line.objects.for_(SYSTEM).get()
    assert (line.organisation.legal_name, line.person.name, line.cost_centre.code) == ("Gamma S.r.l.", "Ugo Neri", "CC1")
    events = Event.append_only.count()
    code, said = run(*paths)
    assert (code, [one["counts"]["unchanged"] for one in said["files"]], Event.append_only.count()) == (0, [1, 1, 1], events)


def test_wrong_file_is_refused_and_the_others_are_taken(world, tmp_path):
    wrong = LINES.replace("+393510000101", "351")
    code, said = run(file(tmp_path, "c.csv", CUSTOMERS), file(tmp_path, "p.csv", PEOPLE), file(tmp_path, "l.csv", wrong))
    assert (code, said["taken"], [one["taken"] for one in said["files"]]) == (1, False, [True, True, False])
    assert said["files"][2]["wrong"] == [
        {"line": 2, "column": "number", "reason": "is not a number in E.164 form, as in +393123456789"}
    ]
    assert (Organisation.objects.for_(SYSTEM).filter(code="C1").count(), Line.objects.for_(SYSTEM).count()) == (1, 0)
    assert Person.objects.for_(SYSTEM).filter(code="E1").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv", "a,b\n1,2\n", "not a file of customers, people or lines: its columns are a, b"),
        ("x.pdf", "a,b\n", "Only CSV, XLSX and Parquet files can be read."),
        ("x.csv", "", "The file is empty: its first line must name the columns."),
        ("x.csv", LINES.replace("status", "state"), "Missing columns: status. Unknown columns: state."),
        ("x.xlsx", LINES, "The file is not what its name says: its content is of another format."),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_reason(world, tmp_path, name, content, reason):
    code, said = run(file(tmp_path, name, content))
    assert (code, said["files"][0]["refused"]) == (1, reason)


def test_file_that_is_not_there_is_refused(world, tmp_path):
    code, said = run(tmp_path / "none.csv")
    assert (code, said["files"][0]["refused"]) == (1, "No such file or directory")


def test_words_for_people_name_each_wrong_row(world, tmp_path, capsys):
    path = file(tmp_path, "l.csv", LINES)
    with pytest.raises(SystemExit) as ended:
        call_command("inventory", "load", str(path))
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.err == f"{path}: line 2, column customer_code: unknown customer\n"
    assert said.out == f"{path}: lines refused: nothing was written; 1 row is wrong\n"


def test_refused_file_says_what_its_right_rows_would_have_been_and_every_fault_of_the_others(world, tmp_path, capsys):
    code, _said = run(file(tmp_path, "c.csv", CUSTOMERS), file(tmp_path, "p.csv", PEOPLE))
    assert code == 0
    wrong = "C1,AG1,351,tablet,BASE,on,2026-13-01,,,E9,,,2\nNONE,AG1,+393510000103,mobile,BASE,active,2026-01-01,,,E1,,,maybe\n"
    path = file(tmp_path, "l.csv", LINES + wrong)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("inventory", "load", str(path))
    said = capsys.readouterr()
    assert said.out == f"{path}: lines refused: nothing was written; 1 row would have been new, 2 are wrong\n"
    assert [line.removeprefix(f"{path}: ").split(": ")[0] for line in said.err.splitlines()] == [
        *(f"line 3, column {name}" for name in ("kind", "status", "active_from", "dual_billing", "person_code")),
        "line 4, column dual_billing",
        "line 4, column customer_code",
    ]
    assert f"{path}: line 3, column kind: is none of: mobile, " in said.err


def test_wrong_person_is_told_every_fault_and_the_profiles_there_are(world, tmp_path, capsys):
    people = PEOPLE + "C1,E2,,Neri,nowhere,12,,king;employee\nNONE,E3,Ada,Neri,nowhere,,,king\n"
    paths = [file(tmp_path, "c.csv", CUSTOMERS), file(tmp_path, "p.csv", people)]
    with pytest.raises(SystemExit):
        call_command("inventory", "load", *map(str, paths))
    said = [line.removeprefix(f"{paths[1]}: line ") for line in capsys.readouterr().err.splitlines()]
    known = "administrator, dual_billing_referent, ebill_referent, employee, fleet_contact, traffic_manager"
    assert [line for line in said if "mobile" not in line] == [
        "3, column given_name: This field is needed.",
        "3, column email: This is not an e-mail address.",
        f"3, column profiles: unknown profile: king; the profiles are {known}",
        "4, column customer_code: unknown customer",
        "4, column email: This is not an e-mail address.",
        f"4, column profiles: unknown profile: king; the profiles are {known}",
    ]
    assert len([line for line in said if "column mobile" in line]) == 1


def test_wrong_customer_is_told_every_fault(world, tmp_path, capsys):
    path = file(tmp_path, "c.csv", CUSTOMERS + "C 2,,123,,maybe,,NONE,12345,nowhere\n")
    with pytest.raises(SystemExit):
        call_command("inventory", "load", str(path))
    said = [line.removeprefix(f"{path}: line 3, column ").split(": ")[0] for line in capsys.readouterr().err.splitlines()]
    assert said == ["customer_code", "public_administration", "legal_name", "vat_number", "province", "email", "partner_code"]


def test_help_says_the_columns_and_the_exit_codes():
    said = Command().create_parser("sportello", "inventory").format_help()
    assert HEADER.replace(",", ", ") in said
    assert "exit codes: 0 every file was taken; 1 a file was refused" in said


def test_job_ends_the_lines_that_are_due(world):
    now = timezone.now()
    make_line(world.a, "+393510000101", active_to=now, now=now - timedelta(hours=1))
    make_line(world.a, "+393510000102")
    assert (end_due_lines.func(), end_due_lines.func()) == (1, 0)
    assert dict(Line.objects.for_(SYSTEM).values_list("number", "status")) == {
        "+393510000101": "terminated", "+393510000102": "active",
    }  # fmt: skip
