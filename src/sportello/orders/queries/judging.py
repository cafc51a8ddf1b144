"""What a request would become: an item of each row, or why not. Read from the database anew, whatever the client says (ABUSE I09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sportello.inventory.models import Line, LineOption
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.phones import display, is_e164
from sportello.kernel.refusals import InvalidInput
from sportello.orders import rules
from sportello.orders.models import NumberProof, Order, OrderFile, OrderForm, OrderItem
from sportello.orders.queries.catalogue import open_forms, subject_of
from sportello.orders.queries.lookups import Lookups
from sportello.orders.states import OPEN, Check, Effect, FieldKind, Subject
from sportello.orders.types import Answer, AskedRow, Request
from sportello.parties.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An item to be: its place from 1, its line if it has one, its number, and its answers."""

    place: int
    line: Line | None
    number: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a row cannot be asked for: its place, what it is about, the field, and a sentence."""

    place: int
    number: str
    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a request would become. `unproven`: numbers that a code by SMS must prove yet."""

    items: Sequence[Planned] = ()
    faults: Sequence[Fault] = ()
    unproven: Sequence[str] = ()
    shared: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known about a request before its rows are read."""

    form: OrderForm
    organisation: Organisation
    files: Mapping[str, str] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()


def about_draft(actor: Actor, draft: Order) -> About:
    """Return what a draft has: its form, its customer, its files by the keys of their questions, the numbers that were proved."""
    proofs = NumberProof.objects.for_(actor).filter(order=draft).exclude(confirmed_at=None)
    files = OrderFile.objects.for_(actor).filter(order=draft).order_by("pk").values_list("key", "name")
    return About(
        form=draft.form,
        organisation=draft.organisation,
        files=dict(files),
        proven=frozenset(proofs.values_list("number", flat=True)),
    )


def judge(actor: Actor, about: About, request: Request, *, now: datetime) -> Judged:
    """Return the items that a request would have, and what is wrong with each of its rows."""
    return _Judge(actor, about, request, now).judged()


def check_shared(actor: Actor, about: About, answers: Mapping[str, str]) -> None:
    """Refuse answers that hold for all rows at their fields, so that a form can show them there. Raises `InvalidInput`."""
    lookups = Lookups(actor, about.organisation)
    questions, company = about.form.questions, about.organisation
    read = rules.checked_answers(questions, {**answers, **about.files}, lookups.find, country=company.country)
    own_codes = frozenset({company.tax_code, company.vat_number} - {""})
    checks = [Check(one) for one in about.form.checks]
    rules.check_switched_on(checks, read, own_codes=own_codes, file_keys=frozenset(about.files))


class _Judge:
    def __init__(self, actor: Actor, about: About, request: Request, now: datetime) -> None:
        self.actor, self.about, self.request, self.now = actor, about, request, now
        self.effect = Effect(about.form.effect)
        self.questions = about.form.questions
        self.checks = [Check(one) for one in about.form.checks]
        self.lookups = Lookups(actor, about.organisation)
        self.first_place: dict[str, int] = {}
        self.read: dict[tuple[tuple[str, str], ...], Mapping[str, Answer] | InvalidInput] = {}
        self.lines = self._lines()
        self.options = self._options()
        self.busy = self._busy()
        company = about.organisation
        self.own_codes = frozenset({company.tax_code, company.vat_number} - {""})

    def judged(self) -> Judged:
        items, faults, unproven = [], [], []
        for place, row in enumerate(self.request.rows, 1):
            line = self.lines.get(row.line_id) if row.line_id else None
            try:
                planned = self._planned(place, row, line)
            except InvalidInput as wrong:
                number = line.number if line else row.answers.get("number", "")
                faults.append(Fault(place=place, number=number, field=wrong.field or "", sentence=str(wrong)))
                continue
            items.append(planned)
            proved = rules.number_to_prove(self.checks, planned.answers, planned.number)
            if proved and proved not in self.about.proven:
                unproven.append(proved)
        shared = self._answers(AskedRow())
        return Judged(
            items=items,
            faults=faults,
            unproven=unproven,
            shared={} if isinstance(shared, InvalidInput) else shared,
        )

    def _planned(self, place: int, row: AskedRow, line: Line | None) -> Planned:
        if subject_of(self.about.form) is Subject.LINE and line is None:
            raise rules.unknown_line()
        answers = self._answers(row)
        if isinstance(answers, InvalidInput):
            raise answers
        number = self._number(place, line, answers)
        if line is not None:
            options, busy = self.options.get(line.pk, frozenset()), self.busy.get(line.pk, "")
            facts = rules.LineFacts(line=line, options=options, open_order=busy)
            rules.check_can_order(self.effect, facts, answers, now=self.now)
            if "plan" in answers:
                rules.check_plan_fits(self.effect, line, self.lookups.plan_kinds.get(answers["plan"].value, ""))
        return Planned(place=place, line=line, number=number, answers=answers)

    def _number(self, place: int, line: Line | None, answers: Mapping[str, Answer]) -> str:
        """Return the number that a row is about, named once in the request."""
        number = line.number if line else answers["number"].value if "number" in answers else ""
        if number:
            first = self.first_place.setdefault(number, place)
            if first != place:
                raise rules.there_twice(first)
        return number

    def _answers(self, row: AskedRow) -> Mapping[str, Answer] | InvalidInput:
        """Return the answers of a row, its own before those of all; rows that say the same are read once."""
        key = tuple(sorted(row.answers.items()))
        if key not in self.read:
            self.read[key] = self._read(row)
        return self.read[key]

    def _read(self, row: AskedRow) -> Mapping[str, Answer] | InvalidInput:
        files = {one.key: self.about.files.get(one.key, "") for one in self.questions if one.kind is FieldKind.FILE}
        given = {**self.request.answers, **row.answers, **files}
        try:
            answers = rules.checked_answers(
                self.questions, given, self.lookups.find, country=self.about.organisation.country
            )
            rules.check_switched_on(
                self.checks, answers, own_codes=self.own_codes, file_keys=frozenset(self.about.files)
            )
        except InvalidInput as wrong:
            return wrong
        return answers

    def _lines(self) -> dict[int, Line]:
        wanted = sorted({row.line_id for row in self.request.rows if row.line_id})
        rows = Line.objects.for_(self.actor).filter(organisation=self.about.organisation)
        rows = rows.select_related("plan", "cost_centre", "person")
        return {line.pk: line for some in in_chunks(wanted) for line in rows.filter(pk__in=some)}

    def _options(self) -> dict[int, frozenset[str]]:
        if self.effect not in {Effect.OPTION_ON, Effect.OPTION_OFF}:
            return {}
        found: dict[int, frozenset[str]] = {}
        for some in in_chunks(sorted(self.lines)):
            rows = LineOption.objects.for_(self.actor).filter(line__in=some, active_to=None)
            for line_id, code in rows.values_list("line_id", "option__code"):
                found[line_id] = found.get(line_id, frozenset()) | {code}
        return found

    def _busy(self) -> dict[int, str]:
        """Return the codes of open orders of the same effect, by line."""
        if self.effect is Effect.WORK:
            return {}
        rows = OrderItem.objects.for_(self.actor).filter(effect=self.effect, state__in=OPEN)
        found: dict[int, str] = {}
        for some in in_chunks(sorted(self.lines)):
            pairs = rows.filter(line__in=some).values_list("line_id", "order__code")
            found |= {line: code or "" for line, code in pairs if line}
        return found


def shown_number(number: str) -> str:
    """Return a number in groups; what is no telephone number as it is."""
    return display(number) if is_e164(number) else number


def forms_for_line(actor: Actor, line: Line) -> list[OrderForm]:
    """Return the forms that the actor may ask with for a line as it stands."""
    found = []
    for form in open_forms(actor):
        spec = rules.SPECS[Effect(form.effect)]
        if spec.subject is Subject.LINE and line.status in spec.statuses and line.kind in spec.kinds:
            found.append(form)
    return found
