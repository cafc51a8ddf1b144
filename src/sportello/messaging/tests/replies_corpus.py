"""Replies as mail programs write them, in many languages: the lines before quotes, the headings, the lines below; all written for these tests."""

# ruff: noqa: RUF001

from __future__ import annotations

INTRODUCTIONS: dict[str, str] = {
    # Gmail
    "gmail en": "On Mon, Jan 15, 2025 at 5:03 PM Ada Neri <ada@acme.test> wrote:",
    "gmail en wrapped": "On Mon, Jan 15, 2025 at 5:03 PM Portale Clienti Sportello <\ntickets+rabcdefgh@reply.portal.test> wrote:",
    "gmail en wrapped twice": "On Mon, Jan 15, 2025 at 5:03 PM Ada Neri\n<ada@acme.test>\nwrote:",
    "gmail it": "Il giorno lun 15 gen 2025 alle ore 17:03 Ada Neri <ada@acme.test> ha scritto:",
    "gmail it wrapped": "Il giorno lun 15 gen 2025 alle ore 17:03 Ada Neri <\nada@acme.test> ha scritto:",
    "gmail it newest": "Il lun 15 gen 2025, 17:03 Ada Neri <ada@acme.test> ha scritto:",
    "gmail it wrapped before the verb": "Il giorno lun 15 gen 2025 alle ore 17:03 Assistenza Sportello\n<tickets+rabcdefgh@reply.portal.test> ha\nscritto:",
    "gmail es": "El lun, 15 ene 2025 a las 17:03, Ada Neri (<ada@acme.test>) escribió:",
    "gmail es wrapped": "El lun, 15 ene 2025 a las 17:03, Ada Neri (<ada@acme.test>)\nescribió:",
    "gmail fr": "Le lun. 15 janv. 2025 à 17:03, Ada Neri <ada@acme.test> a écrit :",
    "gmail fr wrapped": "Le lun. 15 janv. 2025 à 17:03, Ada Neri <ada@acme.test> a\nécrit :",
    "gmail de": "Am Mo., 15. Jan. 2025 um 17:03 Uhr schrieb Ada Neri <ada@acme.test>:",
    "gmail de wrapped": "Am Mo., 15. Jan. 2025 um 17:03 Uhr schrieb Ada Neri <\nada@acme.test>:",
    "gmail pt": "Em seg., 15 de jan. de 2025 às 17:03, Ada Neri <ada@acme.test>\nescreveu:",
    "gmail nl": "Op ma 15 jan 2025 om 17:03 schreef Ada Neri <ada@acme.test>:",
    "gmail sv": "Den mån 15 jan. 2025 kl 17:03 skrev Ada Neri <ada@acme.test>:",
    "gmail da": "Den man. 15. jan. 2025 kl. 17.03 skrev Ada Neri <ada@acme.test>:",
    "gmail no": "man. 15. jan. 2025 kl. 17:03 skrev Ada Neri <ada@acme.test>:",
    "gmail fi": "ma 15. tammik. 2025 klo 17.03 Ada Neri (ada@acme.test) kirjoitti:",
    "gmail pl": "pon., 15 sty 2025 o 17:03 Ada Neri <ada@acme.test> napisał(a):",
    "gmail cs": "po 15. 1. 2025 v 17:03 odesílatel Ada Neri <ada@acme.test> napsal:",
    "gmail hu": "Ada Neri <ada@acme.test> ezt írta (időpont: 2025. jan. 15., H, 17:03):",
    "gmail ro": "În lun., 15 ian. 2025 la 17:03, Ada Neri <ada@acme.test> a scris:",
    "gmail ru": "пн, 15 янв. 2025 г. в 17:03, Ada Neri <ada@acme.test>:",
    "gmail tr": "Ada Neri <ada@acme.test>, 15 Oca 2025 Pzt, 17:03 tarihinde şunu yazdı:",
    "gmail el": "Στις Δευ 15 Ιαν 2025 στις 5:03 μ.μ., ο χρήστης Ada Neri <ada@acme.test> έγραψε:",
    "gmail ja": "2025年1月15日(月) 17:03 Ada Neri <ada@acme.test>:",
    "gmail zh": "Ada Neri <ada@acme.test> 于2025年1月15日周一 17:03写道：",
    "gmail ko": "2025년 1월 15일 (월) 오후 5:03, Ada Neri <ada@acme.test>님이 작성:",
    "gmail ca": "Missatge de Ada Neri <ada@acme.test> del dia dl., 15 de gen.\n2025 a les 17:03:",
    "old gmail": "2012/2/9 Ada Neri <ada@acme.test>",
    # Apple
    "apple en": "On 15 Jan 2025, at 17:03, Ada Neri <ada@acme.test> wrote:",
    "apple en-us": "On Jan 15, 2025, at 5:03 PM, Ada Neri <ada@acme.test> wrote:",
    "apple it": "Il giorno 15 gen 2025, alle ore 17:03, Ada Neri <ada@acme.test> ha scritto:",
    "apple it wrapped": "Il giorno 15 gen 2025, alle ore 17:03, Assistenza Clienti\n<ada@acme.test> ha scritto:",
    "apple es": "El 15 ene 2025, a las 17:03, Ada Neri <ada@acme.test> escribió:",
    "apple fr": "Le 15 janv. 2025 à 17:03, Ada Neri <ada@acme.test> a écrit :",
    "apple de": "Am 15.01.2025 um 17:03 schrieb Ada Neri <ada@acme.test>:",
    "apple nl": "Op 15 jan. 2025, om 17:03 heeft Ada Neri <ada@acme.test> het volgende geschreven:",
    "iphone it": "Il giorno 15 gen 2025, alle ore 17:03, Ada Neri ha scritto:",
    # Thunderbird, Roundcube, Evolution, KMail, mutt and the like
    "thunderbird en": "On 15/01/2025 17:03, Ada Neri wrote:",
    "thunderbird it": "Il 15/01/2025 17:03, Ada Neri ha scritto:",
    "thunderbird it via": "Il 15/01/2025 17:03, Ada Neri via Sportello ha scritto:",
    "thunderbird es": "El 15/1/25 a las 17:03, Ada Neri escribió:",
    "thunderbird fr": "Le 15/01/2025 à 17:03, Ada Neri a écrit :",
    "thunderbird de": "Am 15.01.25 um 17:03 schrieb Ada Neri:",
    "thunderbird pt": "Em 15/01/2025 17:03, Ada Neri escreveu:",
    "thunderbird pl": "W dniu 15.01.2025 o 17:03, Ada Neri pisze:",
    "thunderbird cs": "Dne 15. 01. 25 v 17:03 Ada Neri napsal(a):",
    "thunderbird ru": "15.01.2025 17:03, Ada Neri пишет:",
    "roundcube it": "Il 2025-01-15 17:03 Ada Neri ha scritto:",
    "roundcube en": "On 2025-01-15 17:03, Ada Neri wrote:",
    "roundcube de": "Am 2025-01-15 17:03, schrieb Ada Neri:",
    "evolution en": "On Wed, 2025-01-15 at 17:03 +0100, Ada Neri wrote:",
    "evolution it": "Il giorno mer, 15/01/2025 alle 17.03 +0100, Ada Neri ha scritto:",
    "evolution de": "Am Mittwoch, dem 15.01.2025 um 17:03 +0100 schrieb Ada Neri:",
    "kmail it": "In data mercoledì 15 gennaio 2025 17:03:12 CET, Ada Neri ha scritto:",
    "mutt": "On Wed, Jan 15, 2025 at 05:03:12PM +0100, Ada Neri wrote:",
    "gnus": "Ada Neri <ada@acme.test> writes:",
    "horde": "Quoting Ada Neri <ada@acme.test>:",
    "horde de": "Zitat von Ada Neri <ada@acme.test>:",
    "horde it": "Citando Ada Neri <ada@acme.test>:",
    "name first de": "Ada Neri <ada@acme.test> schrieb am Mi., 15. Jan. 2025, 17:03:",
    # Yahoo, Proton, Zoho, Tutanota, web mailers
    "yahoo en": "    On Wednesday, January 15, 2025 at 05:03:00 PM GMT+1, Ada Neri <ada@acme.test> wrote:  ",
    "yahoo it": "    Il mercoledì 15 gennaio 2025 alle ore 17:03:00 CET, Ada Neri <ada@acme.test> ha scritto:  ",
    "yahoo es": "    En miércoles, 15 de enero de 2025, 17:03:00 CET, Ada Neri <ada@acme.test> escribió:  ",
    "yahoo fr": "    Le mercredi 15 janvier 2025 à 17:03:00 UTC+1, Ada Neri <ada@acme.test> a écrit :  ",
    "yahoo de": "    Am Mittwoch, 15. Januar 2025 um 17:03:00 MEZ hat Ada Neri <ada@acme.test> Folgendes geschrieben:  ",
    "proton": "On Wednesday, January 15th, 2025 at 5:03 PM, Ada Neri <ada@acme.test> wrote:",
    "proton it": "Il mercoledì 15 gennaio 2025 17:03, Ada Neri <ada@acme.test> ha scritto:",
    "zoho": "---- On Wed, 15 Jan 2025 17:03:00 +0100 Ada Neri <ada@acme.test> wrote ----",
    "tutanota": "15 Jan 2025, 17:03 by ada@acme.test:",
    "tutanota it": "15 gen 2025, 17:03 da ada@acme.test:",
    "libero": "Il 15/01/2025 17:03 Ada Neri <ada@acme.test> ha scritto:",
    "gmx": 'Gesendet: Mittwoch, 15. Januar 2025 um 17:03 Uhr\nVon: "Ada Neri" <ada@acme.test>\nAn: bo@acme.test\nBetreff: Re: Guasto',
    "spark": "On 15 Jan 2025 at 17:03 +0100, Ada Neri <ada@acme.test>, wrote:",
    "samsung": "-------- Original message --------\nFrom: Ada Neri <ada@acme.test>\nDate: 15/01/2025 17:03 (GMT+01:00)\nTo: bo@acme.test\nSubject: Re: Guasto",
    "samsung it": "-------- Messaggio originale --------\nDa: Ada Neri <ada@acme.test>\nData: 15/01/25 17:03 (GMT+01:00)\nA: bo@acme.test\nOggetto: Re: Guasto",
}  # fmt: skip

HEADINGS: dict[str, str] = {
    "outlook en": "From: Ada Neri <ada@acme.test>\nSent: Wednesday, January 15, 2025 5:03 PM\nTo: Bo Blu <bo@acme.test>\nSubject: RE: Fault",
    "outlook it": "Da: Ada Neri <ada@acme.test>\nInviato: mercoledì 15 gennaio 2025 17:03\nA: Bo Blu <bo@acme.test>\nCc: Cy <cy@acme.test>; Di Verdi\n<di@acme.test>\nOggetto: R: Guasto",
    "outlook it without address": "Da: Ada Neri\nInviato: mercoledì 15 gennaio 2025 17:03\nA: Bo Blu\nOggetto: R: Guasto",
    "outlook es": "De: Ada Neri <ada@acme.test>\nEnviado el: miércoles, 15 de enero de 2025 17:03\nPara: Bo Blu <bo@acme.test>\nAsunto: RE: Avería",
    "outlook fr": "De : Ada Neri <ada@acme.test>\nEnvoyé : mercredi 15 janvier 2025 17:03\nÀ : Bo Blu <bo@acme.test>\nObjet : RE: Panne",
    "outlook de": "Von: Ada Neri <ada@acme.test>\nGesendet: Mittwoch, 15. Januar 2025 17:03\nAn: Bo Blu <bo@acme.test>\nBetreff: AW: Störung",
    "outlook pt": "De: Ada Neri <ada@acme.test>\nEnviada em: quarta-feira, 15 de janeiro de 2025 17:03\nPara: Bo Blu <bo@acme.test>\nAssunto: RES: Falha",
    "outlook nl": "Van: Ada Neri <ada@acme.test>\nVerzonden: woensdag 15 januari 2025 17:03\nAan: Bo Blu <bo@acme.test>\nOnderwerp: RE: Storing",
    "outlook sv": "Från: Ada Neri <ada@acme.test>\nSkickat: den 15 januari 2025 17:03\nTill: Bo Blu <bo@acme.test>\nÄmne: Sv: Fel",
    "outlook pl": "Od: Ada Neri <ada@acme.test>\nWysłano: środa, 15 stycznia 2025 17:03\nDo: Bo Blu <bo@acme.test>\nTemat: Odp: Awaria",
    "outlook cs": "Od: Ada Neri <ada@acme.test>\nOdesláno: středa 15. ledna 2025 17:03\nKomu: Bo Blu <bo@acme.test>\nPředmět: RE: Porucha",
    "outlook ru": "От: Ada Neri <ada@acme.test>\nОтправлено: среда, 15 января 2025 г. 17:03\nКому: Bo Blu <bo@acme.test>\nТема: RE: Сбой",
    "outlook web": "________________________________\nFrom: Ada Neri <ada@acme.test>\nSent: Wednesday, January 15, 2025 17:03\nTo: Bo Blu <bo@acme.test>\nSubject: Re: Fault",
    "outlook web it": "________________________________\nDa: Ada Neri <ada@acme.test>\nInviato: mercoledì 15 gennaio 2025 17:03\nA: Bo Blu <bo@acme.test>\nOggetto: Re: Guasto",
    "outlook bold": "*Da:* Ada Neri [mailto:ada@acme.test]\n*Inviato:* mercoledì 15 gennaio 2025 17:03\n*A:* Bo Blu\n*Oggetto:* R: Guasto",
    "outlook rule en": "-----Original Message-----\nFrom: Ada Neri [mailto:ada@acme.test]\nSent: 15 January 2025 17:03\nTo: Bo\nSubject: Fault",
    "outlook rule it": "-----Messaggio originale-----\nDa: Ada Neri [mailto:ada@acme.test]\nInviato: mercoledì 15 gennaio 2025 17:03\nA: Bo\nOggetto: Guasto",
    "outlook rule es": "-----Mensaje original-----\nDe: Ada Neri [mailto:ada@acme.test]\nEnviado el: miércoles, 15 de enero de 2025 17:03\nPara: Bo\nAsunto: Avería",
    "outlook rule fr": "-----Message d'origine-----\nDe : Ada Neri [mailto:ada@acme.test]\nEnvoyé : mercredi 15 janvier 2025 17:03\nÀ : Bo\nObjet : Panne",
    "outlook rule de": "-----Ursprüngliche Nachricht-----\nVon: Ada Neri [mailto:ada@acme.test]\nGesendet: Mittwoch, 15. Januar 2025 17:03\nAn: Bo\nBetreff: Störung",
    "libero rule": "----Messaggio originale----\nDa: ada@acme.test\nData: 15-gen-2025 17.03\nA: <bo@acme.test>\nOgg: Guasto",
    "zimbra it": '----- Messaggio originale -----\nDa: "Ada Neri" <ada@acme.test>\nA: "Bo" <bo@acme.test>\nInviato: Mercoledì, 15 gennaio 2025 17:03:00\nOggetto: Guasto',
    "web mailer it": "------------------------------\nDa: Ada Neri <ada@acme.test>\nA: bo@acme.test\nData: mer 15 gen 2025 17:03\nOggetto: Guasto",
    "yahoo old": "________________________________\n Da: Ada Neri <ada@acme.test>\nA: bo@acme.test \nInviato: Mercoledì 15 Gennaio 2025 17:03\nOggetto: Guasto",
    "forwarded gmail": "---------- Forwarded message ---------\nFrom: Ada Neri <ada@acme.test>\nDate: Wed, Jan 15, 2025 at 5:03 PM\nSubject: Fault\nTo: <bo@acme.test>",
    "forwarded gmail it": "---------- Forwarded message ---------\nDa: Ada Neri <ada@acme.test>\nDate: mer 15 gen 2025 alle ore 17:03\nSubject: Guasto\nTo: <bo@acme.test>",
    "forwarded apple it": "Inizio messaggio inoltrato:\n\nDa: Ada Neri <ada@acme.test>\nOggetto: Guasto\nData: 15 gennaio 2025 17:03:00 CET\nA: bo@acme.test",
    "forwarded thunderbird de": "-------- Weitergeleitete Nachricht --------\nBetreff: Störung\nDatum: Mi, 15 Jan 2025 17:03:00 +0100\nVon: Ada Neri <ada@acme.test>\nAn: bo@acme.test",
    "proton old": "------- Original Message -------\nOn Wednesday, January 15th, 2025 at 5:03 PM, Ada Neri <ada@acme.test> wrote:",
}  # fmt: skip

DEVICE_LINES = [
    "Sent from my iPhone", "Sent from my iPad", "Sent from Mail for Windows", "Sent from Yahoo Mail on Android", "Sent from Outlook for iOS",
    "Sent from my Verizon, Samsung Galaxy smartphone".replace(",", ""), "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Sent with Proton Mail secure email.",
    "Inviato da iPhone", "Inviato dal mio iPad", "Inviato da Outlook per Android<https://aka.ms/x>", "Inviato dal mio dispositivo Samsung", "Scarica Outlook per iOS",
    "Inviato da Posta per Windows", "Inviato da Libero Mail", "Inviato con Proton Mail", "Mail priva di virus. www.avast.com",
    "Enviado desde mi iPhone", "Enviado desde Outlook para iOS", "Obtener Outlook para Android", "Enviado desde mi Samsung Mobile de Claro",
    "Envoyé de mon iPhone", "Envoyé depuis mon appareil Galaxy", "Obtenez Outlook pour iOS", "Envoyé à partir d’Outlook pour Android",
    "Von meinem iPhone gesendet", "Gesendet von Outlook für Android", "Gesendet mit der GMX Mail App", "Holen Sie sich Outlook für iOS",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.", "Enviado do meu iPhone", "Verstuurd vanaf mijn iPhone",
    "Verzonden vanuit Outlook voor iOS", "Skickat från min iPhone", "Sendt fra min iPhone", "Wysłane z iPhone'a", "Odesláno z iPhonu", "Отправлено с iPhone",
    "iPhoneから送信", "发自我的iPhone", "나의 iPhone에서 보냄", "iPhone'umdan gönderildi",
]  # fmt: skip

TEXTS = {
    "it": "Buongiorno,\n\nil guasto c'è ancora: da ieri la linea 02 1234567 non squilla.\nPotete richiamarmi dopo le 15:30?\n\nGrazie\nBo",
    "es": "Hola:\n\nSigue igual. El técnico vino el 12/03 y no pudo entrar.\n- llamar antes\n- traer el router\n\nUn saludo,\nBo",
    "en": "Hi,\n\nstill broken. On Monday it worked for an hour; from 10:30 to 11:00 there was noise.\n\nBest,\nBo",
    "de": "Guten Tag,\n\nleider noch immer gestört.\n\nMit freundlichen Grüßen\nBo",
    "fr": "Bonjour,\n\nle problème est toujours là : depuis hier, rien ne marche.\n\nCordialement\nBo",
}
QUOTED = "Buongiorno Bo,\n\nabbiamo aperto il guasto TCKXDSL0000001.\nLa ricontattiamo.\n\nSportello"

SPECIAL: dict[str, tuple[str, str]] = {
    "no quote at all": ("Va bene, grazie.\n\nBo", "Va bene, grazie.\n\nBo"),
    "only a file": ("", ""),
    "a quote alone is kept whole": ("Il 15/01/2025 17:03, Ada ha scritto:\n> ciao", "Il 15/01/2025 17:03, Ada ha scritto:\n> ciao"),
    "interleaved answers keep their questions": (
        "Il 15/01/2025 17:03, Ada Neri ha scritto:\n> Quando?\n\nDomani.\n\n> Dove?\n\nIn sede.\n\n> Saluti\n> Ada",
        "> Quando?\n\nDomani.\n\n> Dove?\n\nIn sede.",
    ),
    "an answer above and one between": (
        "Ecco sotto.\n\nOn 15/01/2025 17:03, Ada wrote:\n> When?\nTomorrow.\n> Where?\n> Ada",
        "Ecco sotto.\n\n> When?\nTomorrow.",
    ),
    "answer below the quote": ("On 15/01/2025 17:03, Ada wrote:\n> When?\n> Ada\n\nTomorrow.\n\n-- \nBo", "Tomorrow."),
    "signature below the quote": ("Domani.\n\nIl 15/01/2025 17:03, Ada ha scritto:\n> Quando?\n\n\n-- \nBo Blu\nAcme srl", "Domani."),
    "outlook signature between text and heading": (
        "Domani.\n\n--\nBo Blu\nAcme srl\n\nDa: Ada Neri <ada@acme.test>\nInviato: mercoledì 15 gennaio 2025 17:03\nA: Bo\nOggetto: R: Guasto\n\nQuando?",
        "Domani.",
    ),
    "our own line": ("Domani.\n\nSportello <x@portal.test>\n##- Scrivere sopra questa riga -##\n\nTicket aperto", "Domani.\n\nSportello <x@portal.test>"),
    "a list of the writer is no heading": (
        "Spedizione:\nDa: Milano\nA: Roma\nData: 12/03/2025\nOre: 10:30\n\nGrazie",
        "Spedizione:\nDa: Milano\nA: Roma\nData: 12/03/2025\nOre: 10:30\n\nGrazie",
    ),
    "opening hours are no heading": (
        "From: 9:00\nTo: 18:00\nDate: Monday\nplease come then", "From: 9:00\nTo: 18:00\nDate: Monday\nplease come then",
    ),
    "what somebody wrote is no introduction": (
        "Il tecnico ha scritto:\nnon si può fare.\n\nE adesso?", "Il tecnico ha scritto:\nnon si può fare.\n\nE adesso?",
    ),
    "on monday is no introduction": (
        "On Monday your colleague wrote:\nit will be fixed on Tuesday.\nIt is not.",
        "On Monday your colleague wrote:\nit will be fixed on Tuesday.\nIt is not.",
    ),
    "a sentence right above the introduction stays": (
        "Il problema resta\nIl 15/01/2025 17:03, Ada ha scritto:\n> ciao", "Il problema resta",
    ),
    "a rule within the text is no signature": (
        "Primo punto.\n\n---\n\nSecondo punto: la linea è caduta di nuovo questa mattina e nessuno ha chiamato.\n\nTerzo.",
        "Primo punto.\n\n---\n\nSecondo punto: la linea è caduta di nuovo questa mattina e nessuno ha chiamato.\n\nTerzo.",
    ),
    "sent from is no signature within a sentence": (
        "Sent from the office yesterday, never arrived. Please check.", "Sent from the office yesterday, never arrived. Please check.",
    ),
    "list footer": (
        "Si riavvia da solo.\n\n_______________________________________________\nNoc mailing list\nnoc@acme.test\nhttps://lists.acme.test/noc",
        "Si riavvia da solo.",
    ),
    "disclaimer it": (
        "Confermo.\n\nBo\n\nLe informazioni contenute in questo messaggio di posta elettronica sono riservate e destinate esclusivamente al\ndestinatario indicato. Chi lo riceve per errore è pregato di cancellarlo.",
        "Confermo.\n\nBo",
    ),
    "disclaimer en": (
        "Confirmed.\n\nBo\n\nThis e-mail and any files transmitted with it are confidential and intended solely for the use of the individual\nor entity to whom they are addressed.",
        "Confirmed.\n\nBo",
    ),
    "contact signature after a rule": ("Confermo.\n\n_____________\nBo Blu\nAcme srl\nTel. +39 02 1234567", "Confermo."),
    "quoted introduction": ("Domani\n> Il giorno 15 gen 2025, alle ore 17:03, Ada ha scritto:\n>\n> Quando?", "Domani"),
    "quote with a rest that was broken off": (
        "Sì.\n\nOn 15/01/2025 17:03, Ada wrote:\n> a long line of text that a server somewhere on the way has broken into two\npieces\n> and more",
        "Sì.",
    ),
    "quotes in quotes": ("Sì.\n\nOn 15/01/2025 17:03, Ada wrote:\n>> primo\n> secondo\n>>> terzo", "Sì."),
    "windows line ends": ("Sì.\r\n\r\nOn 15/01/2025 17:03, Ada wrote:\r\n> ciao\r\n", "Sì."),
    "no-break spaces": ("Le 15/01/2025 à 17:03, Ada a écrit\u00a0:\n> ciao\n\nOui.", "Oui."),
    "code with brackets survives": (
        "Il log dice:\n\nfor x in y:\n    print(x)\n\n2025-01-15 17:03 link down\n\nGrazie", "Il log dice:\n\nfor x in y:\n    print(x)\n\n2025-01-15 17:03 link down\n\nGrazie",
    ),
    "a forwarded mail without a word is kept whole": (
        "---------- Forwarded message ---------\nDa: Ada <ada@acme.test>\nDate: mer 15 gen 2025 alle ore 17:03\nSubject: Guasto\n\nNon va.",
        "---------- Forwarded message ---------\nDa: Ada <ada@acme.test>\nDate: mer 15 gen 2025 alle ore 17:03\nSubject: Guasto\n\nNon va.",
    ),
}  # fmt: skip

HTML: dict[str, tuple[str, str]] = {
    "gmail": (
        '<div dir="ltr">Domani alle 10.<div><br></div><div>Bo</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Il giorno lun 15 gen 2025 alle ore 17:03 Ada &lt;<a href="mailto:ada@acme.test">ada@acme.test</a>&gt; ha scritto:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)"><div>Quando?</div></blockquote></div>',
        "Domani alle 10.\n\nBo",
    ),
    "gmail interleaved": (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Ada wrote:<br></div><blockquote class="gmail_quote"><div>Quando?</div></blockquote><div>Domani.</div><blockquote class="gmail_quote"><div>Dove?</div></blockquote><div>In sede.</div><blockquote class="gmail_quote"><div>Ada</div></blockquote></div>',
        "> On Mon, Ada wrote:\n> Quando?\nDomani.\n> Dove?\nIn sede.",
    ),
    "gmail signature": (
        '<div dir="ltr">Va bene.<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div>Bo Blu</div><div>Acme</div></div></div><div class="gmail_quote"><blockquote class="gmail_quote">ciao</blockquote></div>',
        "Va bene.",
    ),
    "outlook desktop": (
        '<div class="WordSection1"><p class="MsoNormal">Domani.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Bo</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Da:</b> Ada Neri &lt;ada@acme.test&gt; <br><b>Inviato:</b> mercoledì 15 gennaio 2025 17:03<br><b>A:</b> Bo<br><b>Oggetto:</b> Guasto</p></div></div><p class="MsoNormal">Quando?</p></div>',
        "Domani.\n\nBo",
    ),
    "outlook web": (
        '<div class="elementToProof">Domani.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>Da:</b> Ada<br></font></div><div>Quando?</div>',
        "Domani.",
    ),
    "outlook phone": (
        '<div dir="ltr">Domani.</div><div id="ms-outlook-mobile-signature"><div>Inviato da <a href="https://aka.ms/o0ukef">Outlook per iOS</a></div></div><hr id="x"><div id="divRplyFwdMsg">Da: Ada</div><div>Quando?</div>',
        "Domani.",
    ),
    "new outlook phone": (
        '<div dir="ltr">Domani.</div><div class="ms-outlook-mobile-reference-message"><div><b>Da: </b>Ada</div></div><div>Quando?</div>',
        "Domani.",
    ),
    "old outlook": ("<p>Domani.</p><div class=OutlookMessageHeader><hr><b>From:</b> Ada</div><p>Quando?</p>", "Domani."),
    "apple": (
        '<html><body>Domani.<br><div><br><blockquote type="cite"><div>Il giorno 15 gen 2025, alle ore 17:03, Ada ha scritto:</div><br><div>Quando?</div></blockquote></div></body></html>',
        "Domani.",
    ),
    "apple phone": (
        '<div dir="ltr">Domani.<br><br><div dir="ltr" id="AppleMailSignature">Inviato da iPhone</div><div dir="ltr"><br>Il giorno 15 gen 2025, alle ore 17:03, Ada &lt;ada@acme.test&gt; ha scritto:<br><br></div><blockquote type="cite"><div>Quando?</div></blockquote></div>',
        "Domani.",
    ),
    "thunderbird": (
        '<p>Domani.</p><div class="moz-cite-prefix">Il 15/01/2025 17:03, Ada ha scritto:<br></div><blockquote type="cite" cite="mid:1@acme.test"><p>Quando?</p></blockquote><div class="moz-signature">-- <br>Bo Blu</div>',
        "Domani.",
    ),
    "thunderbird below": (
        '<div class="moz-cite-prefix">Il 15/01/2025 17:03, Ada ha scritto:<br></div><blockquote type="cite"><p>Quando?</p></blockquote><p>Domani.</p>',
        "Domani.",
    ),
    "yahoo": (
        '<div class="ydp1yahoo-style-wrap"><div>Domani.</div><div class="ydp1signature">Bo</div></div><div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div>Il mercoledì 15 gennaio 2025, Ada ha scritto:</div><div>Quando?</div></div>',
        "Domani.",
    ),
    "proton": (
        '<div>Domani.</div><div class="protonmail_signature_block"><div>Sent with Proton Mail secure email.</div></div><div class="protonmail_quote">On Wednesday, Ada wrote:<br><blockquote class="protonmail_quote" type="cite">Quando?</blockquote></div>',
        "Domani.",
    ),
    "zoho": ('<div>Domani.</div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">---- On Wed, Ada wrote ---</div><blockquote>Quando?</blockquote></div>', "Domani."),
    "tutanota": ('<div>Domani.</div><div>15 gen 2025, 17:03 da ada@acme.test:</div><blockquote class="tutanota_quote"><div>Quando?</div></blockquote>', "Domani."),
    "roundcube": ('<p>Domani.</p><p id="reply-intro">Il 2025-01-15 17:03 Ada ha scritto:</p><blockquote type="cite"><p>Quando?</p></blockquote>', "Domani."),
    "zimbra": ('<div>Domani.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Da: </b>Ada<br></div><div>Quando?</div>', "Domani."),
    "indented by the writer": ('<div>Ecco:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">punto uno</blockquote>', "Ecco:\npunto uno"),
    "a table of the writer": ("<table><tr><td>Linea</td><td>02 123</td></tr><tr><td>Ora</td><td>10:30</td></tr></table>", "Linea 02 123\nOra 10:30"),
    "a list of the writer": ("<p>Servono:</p><ul><li>router</li><li>cavo</li></ul>", "Servono:\n\n- router\n- cavo"),
    "hidden text": ('<div style="display:none">preheader</div><p>Domani.</p>', "Domani."),
}  # fmt: skip
