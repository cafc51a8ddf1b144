"""The messages of SdI (DOMAIN §6.2): told by the name of their root; public bodies and companies have different namespaces."""

from __future__ import annotations

import re
from typing import Final

from sportello.billing.fatturapa.xml import Element, local_name
from sportello.billing.types import Message

ROOTS: Final = {
    "RicevutaConsegna": "RC",
    "NotificaScarto": "NS",
    "RicevutaScarto": "NS",
    "NotificaMancataConsegna": "MC",
    "RicevutaImpossibilitaRecapito": "MC",
    "NotificaEsito": "NE",
    "NotificaEsitoCommittente": "EC",
    "ScartoEsitoCommittente": "SE",
    "NotificaDecorrenzaTermini": "DT",
    "AttestazioneTrasmissioneFattura": "AT",
}

_YEAR: Final = re.compile(r"[0-9]{4}", re.ASCII)


def is_message(root: Element) -> bool:
    """Tell whether a document is a message of SdI."""
    return local_name(root) in ROOTS


def read_message(root: Element) -> Message:
    """Return what a message says."""
    year = _text(root, "AnnoFattura")
    outcome = _text(root, "Esito")
    errors = [one for one in root.iter() if local_name(one) == "Errore"]
    return Message(
        kind=ROOTS[local_name(root)],
        sdi_id=_text(root, "IdentificativoSdI"),
        file_name=_text(root, "NomeFile"),
        at=_text(root, "DataOraConsegna") or _text(root, "DataOraRicezione") or _text(root, "DataMessaADisposizione"),
        number=_text(root, "NumeroFattura"),
        year=int(year) if _YEAR.fullmatch(year) else None,
        outcome=outcome,
        text=_text(root, "Descrizione") if not errors else _text(root, "Note"),
        errors=tuple(f"{_text(one, 'Codice')} {_text(one, 'Descrizione')}".strip() for one in errors),
    )


def bare_name(file_name: str) -> str:
    """Return the name by which SdI knows a file: `IT01234567890_FPA01` of `IT01234567890_FPA01.xml.p7m`."""
    return file_name.replace("\\", "/").rsplit("/", 1)[-1].split(".")[0].upper()


def file_name_of_message(file_name: str) -> str:
    """Return the name of the file that a message's own name speaks of: `IT…_FPA01_RC_001.xml` → `IT…_FPA01`."""
    return "_".join(bare_name(file_name).split("_")[:2])


def _text(element: Element, name: str) -> str:
    for one in element.iter():
        if local_name(one) == name:
            return (one.text or "").strip()
    return ""
