"""About the code base: operations tell, queries are scoped, money is exact, the clock is an argument, docstrings are there, diagrams are current."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.module_loading import import_string

from sportello.kernel.operations import OPERATIONS
from sportello.kernel.scope import ScopedManager, ScopedModel
from sportello.kernel.states import diagram

pytestmark = pytest.mark.xdist_group("code")  # the whole source is read once, in one process
SOURCE = Path(__file__).resolve().parents[2] / "src" / "sportello"
UNSCOPED_MODELS = {
    # the kernel's own
    "kernel.ChainHead", "kernel.Job", "kernel.SavedView", "kernel.Upload",
    # of a person, reached only through the person who is signed in or signing in
    "accounts.Session", "accounts.OneTimeCode", "accounts.TotpDevice", "accounts.RecoveryCode", "accounts.Invitation",
    "accounts.PasswordReset", "accounts.SignInGuard", "accounts.TrustedDevice", "accounts.KeptForm",
    # the wire of a message, reached through it; what a provider sent; the operator's own texts and budgets; the demo's simulator
    "messaging.MessagePart", "messaging.StoredReceipt", "messaging.ReceivedText", "messaging.SmsSpending", "messaging.SenderLease",
    "messaging.TemplateOverride", "messaging.ReplyAddress", "messaging.ReceivedMail", "messaging.AddressStanding", "messaging.SimulatedText", "messaging.SimulatedMail",
    # files that came in, and the files of the record store: the operator's
    "usage.UsageLoad", "usage.UsagePart",
    # the operator's catalogue, open to everybody's eyes
    "inventory.Plan", "inventory.Option", "billing.PriceRow",
    # what the operator set up for tickets
    "tickets.TicketType", "tickets.TicketForm", "tickets.TicketNumber", "tickets.TicketGroup", "tickets.FeedbackWish", "tickets.GroupMember", "tickets.ServiceLevel", "tickets.SavedAnswer",
    "tickets.Wholesaler",
    # what the operator set up for orders
    "orders.OrderQueue", "orders.OrderType", "orders.OrderForm", "orders.OrderNumber",
}  # fmt: skip


def modules(*, tests: bool = False) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE)
        if "migrations" in inside.parts or ("tests" in inside.parts) != tests or "testing" in inside.parts:
            continue
        yield inside, parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def test_operations_are_found():
    for config in apps.get_app_configs():
        if config.name.startswith("sportello."):
            for name in ("operations", "web.urls", "handlers", "tasks"):
                try:
                    import_string(f"{config.name}.{name}.__doc__")
                except ImportError:
                    continue
    assert len(OPERATIONS) > 20


def called(node: ast.AST) -> set[str]:
    names = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            function = inner.func
            names.add(
                function.id
                if isinstance(function, ast.Name)
                else function.attr
                if isinstance(function, ast.Attribute)
                else ""
            )
    return names


def test_every_operation_publishes():
    """Directly, through a function of the same module, or through another operation."""
    operations, plain = {}, {}
    for path, node in functions():
        decorators = [
            d.func.id for d in node.decorator_list if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)
        ]
        (operations if "operation" in decorators else plain)[(path, node.name)] = called(node)
    publishing = {"publish"}
    names = {name for _path, name in operations}
    while True:
        more = {name for (_path, name), calls in (plain | operations).items() if calls & publishing} - publishing
        if not more:
            break
        publishing |= more
    assert sorted(names - publishing) == []


def test_every_model_is_scoped_or_named_here():
    bare = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if model.__module__.startswith("sportello.") and not isinstance(model._default_manager, ScopedManager)
    }
    assert sorted(bare - UNSCOPED_MODELS) == []


def test_scoped_models_reach_an_organisation():
    for model in apps.get_models():
        if issubclass(model, ScopedModel) and model.scope_organisation != "self":
            model._meta.get_field(model.scope_organisation.split("__")[0])


def test_c13_no_unscoped_query_in_the_code():
    """Rows of scoped models are read through `for_` or `across_tenants`, never through Django's other doors."""
    wrong = []
    for path, tree in modules():
        if path.parts[0] == "kernel":
            continue
        wrong += [
            f"{path}:{node.lineno} {node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in {"_base_manager", "_default_manager"}
        ]
    assert wrong == []


def test_across_tenants_always_says_why():
    wrong = []
    for path, tree in modules():
        wrong += [
            f"{path}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "across_tenants"
            and not any(word.arg == "reason" for word in node.keywords)
        ]
    assert wrong == []


def test_g09_no_float_touches_money():
    """No call of float() and no FloatField where amounts pass; durations of sleeps and positions in plots are not amounts."""
    wrong = []
    for path, tree in modules():
        for node in ast.walk(tree):
            field = isinstance(node, ast.Attribute) and node.attr == "FloatField"
            call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if field or (call and path.parts[0] in {"usage", "thresholds", "inventory", "parties"}):
                wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


def test_no_forbidden_names():
    forbidden = re.compile(r"(^|_)(utils|helpers|manager|service|common|base)$")
    names = [path for path, _tree in modules() if forbidden.search(path.stem) and "management" not in path.parts]
    assert names == []


def test_public_functions_of_operations_queries_and_models_have_docstrings():
    wrong = []
    for path, tree in modules():
        if not {"operations", "queries", "models", "rules"} & {path.stem, *path.parts}:
            continue
        wrong += [
            f"{path}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert wrong == []


def test_below_the_web_the_clock_is_an_argument():
    """Rules never read the clock."""
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if path.stem.startswith("rules") or "rules" in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]
    assert wrong == []


@pytest.mark.parametrize("states", sorted(SOURCE.glob("*/states.py")), ids=lambda path: path.parent.name)
def test_diagrams_in_the_readmes_are_current(states):
    """Each table of transitions is drawn in the app's README by the same code (`sportello diagrams` writes them)."""
    from sportello.config.diagrams import diagrams_of

    readme = states.parent / "README.md"
    text = readme.read_text() if readme.exists() else ""
    missing = [name for name, drawn in diagrams_of(states.parent.name) if drawn not in text]
    assert missing == []


def test_a_diagram_draws_every_arrow():
    assert diagram({"a": {"b", "c"}, "b": set(), "c": {"a"}}, start="a") == (
        "stateDiagram-v2\n    [*] --> a\n    a --> b\n    a --> c\n    b --> [*]\n    c --> a"
    )
