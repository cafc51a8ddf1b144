import pytest

from sportello.kernel.scope import OutsideOperation
from sportello.kernel.states import NoSuchTransition, StateChanged, advance, change_if
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation
from sportello.parties.states import TRANSITIONS, OrganisationState


def test_advance_moves_along_the_arrows_only(world):
    for before in OrganisationState:
        for after in OrganisationState:
            with arrange():
                Organisation.objects.across_tenants(reason="test").filter(pk=world.a.pk).update(state=before)
                world.a.state = before
                if after in TRANSITIONS[before]:
                    advance(world.a, after, transitions=TRANSITIONS, province="MI")
                    assert (world.a.state, world.a.province) == (after, "MI")
                else:
                    with pytest.raises(NoSuchTransition):
                        advance(world.a, after, transitions=TRANSITIONS)


def test_the_second_worker_loses(world, olga):
    mine, theirs = (Organisation.objects.for_(olga).get(pk=world.a.pk) for _each in range(2))
    with arrange():
        advance(mine, OrganisationState.CLOSED, transitions=TRANSITIONS)
        with pytest.raises(StateChanged):
            advance(theirs, OrganisationState.READ_ONLY, transitions=TRANSITIONS)
    world.a.refresh_from_db()
    assert world.a.state == OrganisationState.CLOSED


def test_a_write_outside_an_operation_raises_unless_it_says_what_note_it_is(world):
    with pytest.raises(OutsideOperation):
        advance(world.a, OrganisationState.CLOSED, transitions=TRANSITIONS)
    with pytest.raises(OutsideOperation):
        change_if(world.a, {}, province="MI")
    world.a.refresh_from_db()
    assert (world.a.state, world.a.province) == (OrganisationState.ACTIVE, "")
    assert change_if(world.a, {"province": ""}, untold="a worker's note", province="MI")
    world.a.refresh_from_db()
    assert world.a.province == "MI"
