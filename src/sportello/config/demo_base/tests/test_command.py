from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from sportello.accounts.models import Person


def people() -> int:
    return Person.objects.across_tenants(reason="looking whether a demo base was made").count()


@pytest.mark.parametrize(
    ("arguments", "sentence"), [({"months": 0}, "--months is 1 or more"), ({"scale": "huge"}, "invalid choice")]
)
def test_command_refuses_senseless_sizes(db: None, arguments: dict[str, Any], sentence: str) -> None:
    words = [f"--{name}={value}" for name, value in arguments.items()]
    with pytest.raises(CommandError, match=sentence):
        call_command("demo_base", *words)
    assert people() == 0


def test_command_makes_nothing_outside_a_demo(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TEST", False)
    monkeypatch.setitem(settings.SPORTELLO, "DEMO", False)
    with pytest.raises(CommandError, match="demo mode only"):
        call_command("demo_base")
    assert people() == 0
