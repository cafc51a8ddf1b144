"""The named logins: one for every profile, in organisations that the base always has."""

from dataclasses import dataclass

from sportello.kernel.access import Profile

OPERATOR, PARTNER_OF_A, CUSTOMER_A, CUSTOMER_B, CUSTOMER_C = "operator", "partner", "A", "B", "C"


@dataclass(frozen=True)
class Login:
    """A person with a password: `profiles` are (organisation, profile) pairs, the first of them at home in `home`."""

    username: str
    given_name: str
    family_name: str
    home: str
    profiles: tuple[tuple[str, Profile], ...]


def _login(username: str, name: str, home: str, profile: Profile, *others: tuple[str, Profile]) -> Login:
    given_name, family_name = name.split(" ", 1)
    return Login(username, given_name, family_name, home, ((home, profile), *others))


CAST = (
    _login("olga.operator", "Olga Orlando", OPERATOR, Profile.OPERATOR_ADMIN),
    _login("otto.agent", "Otto Palmieri", OPERATOR, Profile.OPERATOR_AGENT),
    _login("cora.compliance", "Cora Conte", OPERATOR, Profile.COMPLIANCE_OFFICER),
    Login("mina.manager", "Mina", "Mancini", OPERATOR, ((CUSTOMER_A, Profile.CLIENT_MANAGER),)),
    _login("pia.partner", "Pia Pellegrini", PARTNER_OF_A, Profile.PARTNER_ADMIN),
    _login("pino.agent", "Pino Parisi", PARTNER_OF_A, Profile.PARTNER_AGENT),
    _login("ada.administrator", "Ada Amato", CUSTOMER_A, Profile.ADMINISTRATOR),
    _login("ebe.ebill", "Ebe Ferri", CUSTOMER_A, Profile.EBILL_REFERENT),
    _login("dina.dual", "Dina De Luca", CUSTOMER_A, Profile.DUAL_BILLING_REFERENT),
    _login("tito.traffic", "Tito Testa", CUSTOMER_A, Profile.TRAFFIC_MANAGER, (CUSTOMER_A, Profile.EMPLOYEE)),
    _login("flora.fleet", "Flora Fontana", CUSTOMER_A, Profile.FLEET_CONTACT),
    _login("bo.employee", "Bo Bruno", CUSTOMER_A, Profile.EMPLOYEE),
    _login("cy.administrator", "Cy Colombo", CUSTOMER_B, Profile.ADMINISTRATOR),
    _login("zoe.both", "Zoe Zanetti", CUSTOMER_C, Profile.ADMINISTRATOR, (CUSTOMER_A, Profile.EBILL_REFERENT)),
)


def people_of(home: str) -> tuple[Login, ...]:
    """Return the logins whose home is this organisation."""
    return tuple(login for login in CAST if login.home == home)
