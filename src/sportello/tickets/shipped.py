"""The types of tickets that come with the portal, each with the first version of its form (product/06; DOMAIN §7.1; source `002_…`).

Pure data in three languages: once shipped they are the operator's, who edits them on the page of types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sportello.tickets.states import FieldKind, Priority
from sportello.tickets.types import FormField, Labels


@dataclass(frozen=True)
class ShippedType:
    """A type with the questions of its first form."""

    code: str
    prefix: str
    names: Labels
    fields: Sequence[FormField]
    of_customers: bool = False


def words(en: str, it: str, es: str) -> Labels:
    """Return a text in the three languages."""
    return {"en": en, "it": it, "es": es}


YES: Final = ("yes", words("Yes", "Sì", "Sí"))
NO: Final = ("no", words("No", "No", "No"))
PING: Final = (
    ("ok", words("It answers", "Risponde", "Responde")),
    ("loss", words("It answers with losses", "Risponde con perdite", "Responde con pérdidas")),
    ("none", words("No answer", "Nessuna risposta", "Sin respuesta")),
    ("not_tried", words("Not tried", "Non provato", "No probado")),
)


def text(key: str, label: Labels, *, help: Labels | None = None, required: bool = False) -> FormField:  # noqa: A002
    """Return a question for a line of text."""
    return FormField(key=key, kind=FieldKind.TEXT, label=label, help=help or {}, required=required)


def phone(key: str, label: Labels, *, required: bool = False) -> FormField:
    """Return a question for a telephone number."""
    return FormField(key=key, kind=FieldKind.PHONE, label=label, required=required)


def choice(
    key: str,
    label: Labels,
    *choices: tuple[str, Labels],
    help: Labels | None = None,  # noqa: A002
    required: bool = False,
) -> FormField:
    """Return a question with a choice of answers."""
    return FormField(key=key, kind=FieldKind.CHOICE, label=label, choices=choices, help=help or {}, required=required)


def contract(lines: Sequence[str], *, required: bool = False) -> FormField:
    """Return the question for the contract and the installation site, listed once the customer is chosen."""
    return FormField(
        key="contract",
        kind=FieldKind.CONTRACT,
        label=words("Contract and site", "Contratto e sede", "Contrato y sede"),
        help=words(
            "The contract and the installation site that the problem is about.",
            "Il contratto e la sede di installazione relativi al problema.",
            "El contrato y la sede de instalación a los que se refiere el problema.",
        ),
        lines=tuple(lines),
        required=required,
    )


XDSL: Final = (
    choice(
        "problem",
        words("Problem", "Problematica", "Problema"),
        ("no_sync", words("The line does not synchronise", "La linea non si allinea", "La línea no sincroniza")),
        (
            "no_traffic",
            words("In sync, but no traffic", "Allineata ma non naviga", "Sincronizada, pero sin navegación"),
        ),
        ("unstable", words("The line drops", "La linea cade", "La línea se corta")),
        ("slow", words("Slow", "Lentezza", "Lentitud")),
        ("config", words("Change of configuration", "Modifica della configurazione", "Cambio de configuración")),
        ("upgrade", words("Change of profile", "Cambio profilo", "Cambio de perfil")),
        ("other", words("Something else", "Altro", "Otro")),
        required=True,
    ),
    contract(("xdsl", "data"), required=True),
    choice(
        "line_state",
        words("State of the line", "Stato linea", "Estado de la línea"),
        ("down", words("Out of service", "Non funzionante", "Fuera de servicio")),
        ("degraded", words("Degraded", "Degradata", "Degradada")),
        ("intermittent", words("Works now and then", "A intermittenza", "Intermitente")),
        ("working", words("Works", "Funzionante", "Funciona")),
        required=True,
    ),
    text("router", words("Router, make and model", "Marca e modello router", "Marca y modelo del router")),
    choice(
        "carrier",
        words("Carrier / DCE", "Portante / DCE", "Portadora / DCE"),
        ("present", words("Present", "Presente", "Presente")),
        ("absent", words("Absent", "Assente", "Ausente")),
        ("unstable", words("Unstable", "Instabile", "Inestable")),
        help=words(
            "The carrier of an ADSL, the DCE of an HDSL.",
            "Lo stato della portante per le ADSL o della DCE per le HDSL.",
            "El estado de la portadora en ADSL o del DCE en HDSL.",
        ),
    ),
    choice(
        "ping_outside",
        words(
            "Router answers pings from outside", "Router raggiungibile dal ping", "El router responde a ping externo"
        ),
        YES,
        NO,
        help=words(
            "Skip it when the address is dynamic.",
            "Ignorare la richiesta se l'IP è dinamico.",
            "Omítalo si la dirección es dinámica.",
        ),
    ),
    choice(
        "router_off",
        words("Router switched off for 5 minutes", "Router spento per 5 minuti", "Router apagado 5 minutos"),
        YES,
        NO,
    ),
    choice("ping_dns", words("Result of ping 151.1.1.1", "Esito ping 151.1.1.1", "Resultado de ping 151.1.1.1"), *PING),
    choice(
        "ping_name",
        words("Result of ping www.google.it", "Esito ping www.google.it", "Resultado de ping www.google.it"),
        *PING,
    ),
)

VOIP: Final = (
    text(
        "device",
        words("VoIP device, make and model", "Modello e marca apparato VoIP", "Marca y modelo del equipo VoIP"),
    ),
    text(
        "router",
        words(
            "Router or firewall, make and model",
            "Modello e marca router o firewall",
            "Marca y modelo del router o firewall",
        ),
    ),
    phone("calling", words("Calling number", "Numero chiamante", "Número llamante")),
    phone("called", words("Called number", "Numero chiamato", "Número llamado")),
)

CPS_CS: Final = (
    phone("line_number", words("Number of the line", "Numero della linea", "Número de la línea"), required=True),
    choice(
        "service",
        words("Service", "Servizio", "Servicio"),
        ("cps", words("Carrier preselection (CPS)", "Carrier Preselection (CPS)", "Preselección de operador (CPS)")),
        (
            "cs",
            words("Carrier selection, call by call (CS)", "Carrier Selection (CS)", "Selección llamada a llamada (CS)"),
        ),
        required=True,
    ),
    phone("calling", words("Calling number", "Numero chiamante", "Número llamante")),
    phone("called", words("Called number", "Numero chiamato", "Número llamado")),
    text("when", words("Day and time of the call", "Giorno e ora della chiamata", "Día y hora de la llamada")),
    text(
        "with_code",
        words(
            "Result with the carrier's code", "Esito con il codice operatore", "Resultado con el código del operador"
        ),
    ),
    text("without_code", words("Result without the code", "Esito senza codice", "Resultado sin código")),
    text("announcement", words("Announcement heard", "Messaggio di errore ascoltato", "Locución escuchada")),
)

FAX: Final = (
    phone("fax_number", words("Fax number", "Numero fax", "Número de fax"), required=True),
    choice(
        "direction",
        words("Direction", "Direzione", "Sentido"),
        ("in", words("Received", "In ricezione", "Recepción")),
        ("out", words("Sent", "In invio", "Envío")),
        required=True,
    ),
    phone("remote", words("The other number", "Numero remoto", "Número remoto")),
    text("when", words("Day and time", "Giorno e ora", "Día y hora")),
    text("pages", words("Pages", "Pagine", "Páginas")),
    text("mailbox", words("E-mail address of the fax", "Indirizzo e-mail del fax", "Correo asociado al fax")),
    choice("arrived", words("Did the mail arrive?", "L'e-mail è arrivata?", "¿Llegó el correo?"), YES, NO),
    text("error", words("Error text", "Testo dell'errore", "Texto del error")),
)

DEVICE: Final = (
    FormField(key="imei", kind=FieldKind.IMEI, label=words("IMEI", "IMEI", "IMEI"), required=True),
    text("model", words("Model", "Modello", "Modelo"), required=True),
    choice(
        "fault",
        words("Fault", "Guasto", "Avería"),
        ("screen", words("Screen", "Schermo", "Pantalla")),
        ("battery", words("Battery", "Batteria", "Batería")),
        ("audio", words("Sound or microphone", "Audio o microfono", "Sonido o micrófono")),
        ("network", words("No network", "Assenza di rete", "Sin red")),
        ("water", words("Liquid", "Danno da liquidi", "Daño por líquidos")),
        ("other", words("Something else", "Altro", "Otro")),
        required=True,
    ),
    choice("loan", words("Loan device wanted", "Terminale sostitutivo", "Terminal de préstamo"), YES, NO),
)

TYPES: Final = (
    ShippedType("XDSL", "XDSL", words("xDSL", "xDSL", "xDSL"), XDSL),
    ShippedType("VOIP", "VOIP", words("VoIP", "VoIP", "VoIP"), VOIP),
    ShippedType("CPS-CS", "CPSCS", words("CPS and CS", "CPS e CS", "CPS y CS"), CPS_CS),
    ShippedType("FAX", "FAX", words("Fax by mail", "Fax via e-mail", "Fax por correo"), FAX),
    ShippedType("GENERIC", "GEN", words("Something else", "Generico", "Genérico"), ()),
    ShippedType("DEVICE", "DEV", words("Mobile device", "Terminale mobile", "Terminal móvil"), DEVICE),
)
"""The six types of product/06, in the order of the source's list."""

HELP: Final = (
    text("line", words("Line", "Linea", "Línea")),
    text("device", words("Device", "Apparato", "Equipo")),
)
BILL: Final = (
    text("bill", words("Bill", "Fattura", "Factura"), required=True),
    text("position", words("Line of the bill", "Riga della fattura", "Línea de la factura"), required=True),
    text("amount", words("Amount", "Importo", "Importe"), required=True),
)
OF_CUSTOMERS: Final = (
    ShippedType("HELP", "ASS", words("Assistance", "Assistenza", "Asistencia"), HELP, of_customers=True),
    ShippedType(
        "BILL", "BIL", words("Disputed bill", "Contestazione fattura", "Factura impugnada"), BILL, of_customers=True
    ),
)
"""What customers' own people ask (product/02, Technical assistance; disputes of product/03)."""

LEVELS: Final = (
    (Priority.URGENT, 60, 4 * 60),
    (Priority.HIGH, 2 * 60, 9 * 60),
    (Priority.NORMAL, 4 * 60, 18 * 60),
    (Priority.LOW, 9 * 60, 45 * 60),
)
"""Minutes of working time to the first answer and to the resolution; assumed, no source says them: the operator sets its own."""
