"""The types of orders that come with the portal, each with the first version of its form (product/05; DOMAIN §8).

Pure data in three languages: once shipped they are the operator's, who edits them on the page of types. The working days are assumed
where no source says them; a number is ported within one (AGCOM 147/11/CIR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sportello.orders.states import Check, Effect, FieldKind
from sportello.orders.types import Labels, Question


@dataclass(frozen=True)
class ShippedType:
    """A type with its first form."""

    code: str
    names: Labels
    effect: Effect
    queue: str
    days: int
    questions: Sequence[Question]
    checks: Sequence[Check] = ()


def words(en: str, it: str, es: str) -> Labels:
    """Return a text in the three languages."""
    return {"en": en, "it": it, "es": es}


def ask(
    key: str,
    kind: FieldKind,
    label: Labels,
    *choices: tuple[str, Labels],
    required: bool = True,
    hint: Labels | None = None,
) -> Question:
    """Return a question that must be answered, unless told otherwise."""
    return Question(key=key, kind=kind, label=label, required=required, choices=choices, help=hint or {})


QUEUES: Final = (
    ("ACTIVATION", words("Activations and SIMs", "Attivazioni e SIM", "Altas y SIM")),
    ("CHANGE", words("Changes on lines", "Variazioni sulle linee", "Cambios en líneas")),
    ("PORTING", words("Number porting", "Portabilità del numero", "Portabilidad")),
    ("REGISTRY", words("Registry and contracts", "Anagrafica e contratti", "Datos y contratos")),
    ("DEVICE", words("Devices", "Terminali", "Terminales")),
)

PLAN: Final = ask("plan", FieldKind.PLAN, words("Plan", "Piano", "Plan"))
AGREEMENT: Final = ask("agreement", FieldKind.AGREEMENT, words("Agreement", "Contratto", "Contrato"))
OPTION: Final = ask("option", FieldKind.OPTION, words("Option", "Opzione", "Opción"))
COST_CENTRE: Final = ask(
    "cost_centre", FieldKind.COST_CENTRE, words("Cost centre", "Centro di costo", "Centro de coste")
)
LATER_COST_CENTRE: Final = ask("cost_centre", FieldKind.COST_CENTRE, COST_CENTRE.label, required=False)
PERSON: Final = ask(
    "person",
    FieldKind.PERSON,
    words("Employee", "Dipendente", "Empleado"),
    required=False,
    hint=words(
        "Whole name, user name or code.", "Nome e cognome, nome utente o codice.", "Nombre completo, usuario o código."
    ),
)
DELIVERY: Final = ask("site", FieldKind.SITE, words("Deliver to", "Consegna presso", "Entregar en"), required=False)
NOTE: Final = ask("note", FieldKind.LONG_TEXT, words("Note", "Nota", "Nota"), required=False)
HOLDER: Final = ask(
    "holder_tax_code",
    FieldKind.TAX_CODE,
    words("Tax code of the holder", "Codice fiscale dell'intestatario", "NIF del titular"),
    hint=words("That of the organisation.", "Quello dell'organizzazione.", "El de la organización."),
)

THEFT: Final = ("theft", words("Theft", "Furto", "Robo"))
LOSS: Final = ("loss", words("Loss", "Smarrimento", "Pérdida"))

TYPES: Final = (
    ShippedType(
        "NEW-LINE",
        words("New line", "Nuova linea", "Nueva línea"),
        Effect.NEW_LINE,
        "ACTIVATION",
        5,
        (PLAN, AGREEMENT, LATER_COST_CENTRE, PERSON, DELIVERY, NOTE),
    ),
    ShippedType(
        "SIM-REPLACEMENT",
        words("SIM replacement", "Sostituzione SIM", "Sustitución de SIM"),
        Effect.NEW_SIM,
        "ACTIVATION",
        3,
        (
            ask(
                "why",
                FieldKind.CHOICE,
                words("Reason", "Motivo", "Motivo"),
                ("fault", words("Faulty", "Guasto", "Avería")),
                THEFT,
                LOSS,
                ("format", words("Other format", "Cambio formato", "Cambio de formato")),
            ),
            ask(
                "report",
                FieldKind.FILE,
                words("Report to the police", "Denuncia", "Denuncia"),
                required=False,
                hint=words(
                    "Needed after a theft or a loss.",
                    "Necessaria in caso di furto o smarrimento.",
                    "Necesaria tras un robo o una pérdida.",
                ),
            ),
            DELIVERY,
            NOTE,
        ),
        (Check.REPORT,),
    ),
    ShippedType(
        "SIM-ACTIVATION",
        words("SIM activation", "Attivazione SIM", "Activación de SIM"),
        Effect.ACTIVATE,
        "ACTIVATION",
        1,
        (NOTE,),
    ),
    ShippedType(
        "PLAN-CHANGE", words("Plan change", "Cambio piano", "Cambio de plan"), Effect.PLAN, "CHANGE", 2, (PLAN, NOTE)
    ),
    ShippedType(
        "OPTION-ON",
        words("Option on", "Attivazione opzione", "Alta de opción"),
        Effect.OPTION_ON,
        "CHANGE",
        1,
        (OPTION,),
    ),
    ShippedType(
        "OPTION-OFF",
        words("Option off", "Disattivazione opzione", "Baja de opción"),
        Effect.OPTION_OFF,
        "CHANGE",
        1,
        (OPTION,),
    ),
    ShippedType(
        "PORT-IN",
        words("Number porting in", "Portabilità in entrata", "Portabilidad de entrada"),
        Effect.PORT_IN,
        "PORTING",
        1,
        (
            ask("number", FieldKind.PHONE, words("Number to bring in", "Numero da portare", "Número que se porta")),
            HOLDER,
            ask(
                "old_iccid",
                FieldKind.ICCID,
                words(
                    "Number of the present SIM (ICCID)",
                    "Numero della SIM attuale (ICCID)",
                    "Número de la SIM actual (ICCID)",
                ),
            ),
            ask("donor", FieldKind.TEXT, words("Present operator", "Operatore attuale", "Operador actual")),
            PLAN,
            AGREEMENT,
            LATER_COST_CENTRE,
            PERSON,
            ask(
                "delegation",
                FieldKind.FILE,
                words("Delegation and identity papers", "Delega e documenti", "Autorización y documentos"),
                required=False,
            ),
        ),
        (Check.HOLDER, Check.NUMBER_CODE),
    ),
    ShippedType(
        "PORT-OUT",
        words("Number porting out", "Portabilità in uscita", "Portabilidad de salida"),
        Effect.PORT_OUT,
        "PORTING",
        1,
        (HOLDER, ask("recipient", FieldKind.TEXT, words("New operator", "Nuovo operatore", "Nuevo operador")), NOTE),
        (Check.HOLDER, Check.NUMBER_CODE, Check.HANGING),
    ),
    ShippedType(
        "TAKEOVER",
        words("Takeover by another holder", "Subentro", "Cambio de titular"),
        Effect.TAKEOVER,
        "REGISTRY",
        10,
        (
            ask("new_holder", FieldKind.TEXT, words("New holder", "Nuovo intestatario", "Nuevo titular")),
            ask(
                "new_holder_tax_code",
                FieldKind.TAX_CODE,
                words("Tax code of the new holder", "Codice fiscale del nuovo intestatario", "NIF del nuevo titular"),
            ),
            ask(
                "new_holder_email",
                FieldKind.EMAIL,
                words("E-mail of the new holder", "E-mail del nuovo intestatario", "Correo del nuevo titular"),
                required=False,
            ),
            ask(
                "traffic_consent",
                FieldKind.YES_NO,
                words(
                    "May the new holder have the traffic documents of the running two months?",
                    "Consenso al rilascio della documentazione del traffico del bimestre in corso",
                    "¿Puede recibir el nuevo titular el tráfico del bimestre en curso?",
                ),
                required=False,
            ),
            ask(
                "form",
                FieldKind.FILE,
                words("Form signed by both", "Modulo firmato da entrambi", "Formulario firmado por ambos"),
            ),
            NOTE,
        ),
        (Check.HANGING,),
    ),
    ShippedType(
        "SUSPENSION",
        words("Suspension", "Sospensione", "Suspensión"),
        Effect.SUSPEND,
        "CHANGE",
        1,
        (
            ask(
                "why",
                FieldKind.CHOICE,
                words("Reason", "Motivo", "Motivo"),
                THEFT,
                LOSS,
                (
                    "request",
                    words(
                        "At the organisation's wish",
                        "Su richiesta dell'organizzazione",
                        "A petición de la organización",
                    ),
                ),
            ),
            NOTE,
        ),
    ),
    ShippedType(
        "REACTIVATION", words("Reactivation", "Riattivazione", "Reactivación"), Effect.REACTIVATE, "CHANGE", 1, (NOTE,)
    ),
    ShippedType(
        "TERMINATION",
        words("Termination", "Cessazione", "Baja"),
        Effect.TERMINATE,
        "CHANGE",
        10,
        (
            ask("wished_day", FieldKind.DAY, words("Wished day", "Data desiderata", "Fecha deseada"), required=False),
            NOTE,
        ),
        (Check.HANGING,),
    ),
    ShippedType(
        "REGISTRY",
        words("Change of registry data", "Variazione anagrafica", "Cambio de datos"),
        Effect.REGISTRY,
        "REGISTRY",
        5,
        (
            ask("legal_name", FieldKind.TEXT, words("Legal name", "Ragione sociale", "Razón social"), required=False),
            ask("vat_number", FieldKind.TEXT, words("VAT number", "Partita IVA", "NIF-IVA"), required=False),
            ask("ipa_code", FieldKind.TEXT, words("IPA/SdI code", "Codice IPA/SdI", "Código IPA/SdI"), required=False),
            ask("email", FieldKind.EMAIL, words("E-mail", "E-mail", "Correo"), required=False),
            ask(
                "proof",
                FieldKind.FILE,
                words("Extract of the register", "Visura", "Extracto del registro"),
                required=False,
            ),
            NOTE,
        ),
    ),
    ShippedType(
        "DELIVERY-ADDRESS",
        words("Delivery address", "Indirizzo di consegna", "Dirección de entrega"),
        Effect.SITE,
        "REGISTRY",
        3,
        (
            ask("site_name", FieldKind.TEXT, words("Name of the site", "Nome della sede", "Nombre de la sede")),
            ask("address", FieldKind.TEXT, words("Street and number", "Via e numero", "Calle y número")),
            ask("postcode", FieldKind.TEXT, words("Postcode", "CAP", "Código postal"), required=False),
            ask("city", FieldKind.TEXT, words("City", "Città", "Ciudad"), required=False),
            ask("province", FieldKind.TEXT, words("Province", "Provincia", "Provincia"), required=False),
        ),
    ),
    ShippedType(
        "COST-CENTRE",
        words("Change of cost centre", "Cambio centro di costo", "Cambio de centro de coste"),
        Effect.COST_CENTRE,
        "CHANGE",
        1,
        (COST_CENTRE,),
    ),
    ShippedType(
        "VPN-CHANGE",
        words("VPN change", "Variazione RPV", "Cambio de RPV"),
        Effect.WORK,
        "CHANGE",
        5,
        (ask("wish", FieldKind.LONG_TEXT, words("What is to change", "Cosa deve cambiare", "Qué debe cambiar")),),
    ),
    ShippedType(
        "DUAL-START",
        words("Dual billing start", "Attivazione doppia fatturazione", "Alta de doble facturación"),
        Effect.DUAL_START,
        "CHANGE",
        5,
        (
            ask(
                "tax_code",
                FieldKind.TAX_CODE,
                words("Tax code of the employee", "Codice fiscale del dipendente", "NIF del empleado"),
            ),
            ask(
                "email", FieldKind.EMAIL, words("The employee's e-mail", "E-mail del dipendente", "Correo del empleado")
            ),
            ask("address", FieldKind.TEXT, words("Street and number", "Via e numero", "Calle y número")),
            ask("postcode", FieldKind.TEXT, words("Postcode", "CAP", "Código postal")),
            ask("city", FieldKind.TEXT, words("City", "Città", "Ciudad")),
            ask("province", FieldKind.TEXT, words("Province", "Provincia", "Provincia"), required=False),
            ask("iban", FieldKind.IBAN, words("IBAN", "IBAN", "IBAN")),
            ask("start_date", FieldKind.DAY, words("First day", "Primo giorno", "Primer día")),
        ),
    ),
    ShippedType(
        "DUAL-STOP",
        words("Dual billing stop", "Cessazione doppia fatturazione", "Baja de doble facturación"),
        Effect.DUAL_STOP,
        "CHANGE",
        2,
        (NOTE,),
    ),
    ShippedType(
        "DEVICE",
        words("Device purchase or rental", "Acquisto o noleggio terminale", "Compra o alquiler de terminal"),
        Effect.DEVICE,
        "DEVICE",
        10,
        (
            ask("device", FieldKind.TEXT, words("Model", "Modello", "Modelo")),
            ask(
                "how",
                FieldKind.CHOICE,
                words("How", "Come", "Cómo"),
                ("purchase", words("Purchase", "Acquisto", "Compra")),
                ("rental", words("Rental", "Noleggio", "Alquiler")),
            ),
            DELIVERY,
            NOTE,
        ),
    ),
)
"""The types of product/05, in its order."""

ASKED_BY: Final = ("operator_admin", "operator_agent", "partner_admin", "administrator")
