"""Make the whole demo base, step by step, each told when it is done."""

from collections.abc import Iterator

from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.daily_work import manage_people_and_lines
from sportello.config.demo_base.storing import store


def steps(recipe: Recipe, *, months: int) -> Iterator[str]:
    """Take the steps and say after each what is there now. Raises `WrongState` when there are organisations already."""
    rows = store(recipe)
    yield f"{rows['Organisation']} organisations, {rows['Person']} people, {rows['Line']} lines"
    manage_people_and_lines(recipe.now)
    yield "people invited, lines moved"
