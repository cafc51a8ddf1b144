"""The words that mail programs put around quotes and under mails, by language; kept as data so that a language is a line."""

from __future__ import annotations

import re
from typing import Final


def any_of(*texts: str) -> str:
    """Return an alternation of words and phrases (regular expressions), the longest first; one text may hold many, parted by `|`."""
    words = {each.strip() for text in texts for each in text.split("|") if each.strip()}
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


WROTE: Final = any_of(
    "wrote|writes|has written|said|replied",
    "ha scritto|scrive|scriveva|ha risposto",
    "escribió|escribio|escribe|ha escrito|va escriure|ha escrit|escribiu",
    "a écrit|a ecrit|écrit|ecrivait|écrivait",
    "schrieb|schreibt|geschrieben",
    "escreveu|escreve",
    "schreef|heeft geschreven|het volgende geschreven",
    "skrev|skrev følgende|skreiv",
    "kirjoitti|napisał|napisała|napisał\\(a\\)|pisze|napsal|napsala|napsal\\(a\\)|napísal|napísala|napísal\\(a\\)|píše",
    "ezt írta|írta|a scris|je napisao|je napisala|je napisao/la|napisao|je napisal|je napisala/o|piše",
    "şunu yazdı|yazdı|έγραψε|rašė|rakstīja|kirjutas|menulis|đã viết|idatzi du",
    "написал|написала|написал\\(а\\)|написал\\(-а\\)|пишет|писал|писала|писал\\(а\\)|написав|написала|пише|написа",
    "写道|寫道|写了|님이 작성|작성|書きました|さんは書きました|כתב|כתבה|כתב/ה|كتب",
)
"""“wrote”, at the end or in the middle of the line before a quote."""

OPENING: Final = any_of(
    "On|At|In|In date|In data|Il|Il giorno|Il dì|In data",
    "El|El día|En|Con fecha|Le|Les|A la date du|Am|Vom|Em|No dia|A|Op|Den|På|Pe|La|În data de|În",
    "W dniu|Dnia|Dne|Dňa|Dana|Dne|Στις|Την|В|На|Vào|Pada|Tarih|在|于|Missatge de",
)
"""How the line before a quote begins, before its date."""

WEEKDAY: Final = any_of(
    "mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "lun|mar|mer|gio|ven|sab|dom|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
    "mié|mie|jue|vie|sáb|lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    "jeu|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag",
    "seg|ter|qua|qui|sex|ma|wo|vr|za|zo|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag",
    "man|tir|ons|tor|tors|fre|lör|lør|søn|sön|mån|tis|pon|wt|śr|czw|pt|sob|niedz|ndz|po|út|st|čt|pá|ne",
    "пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье",
)
MONTH: Final = any_of(
    "jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august|sep|sept|september|oct|october|nov|november|dec|december",
    "gen|gennaio|febbraio|marzo|aprile|mag|maggio|giu|giugno|lug|luglio|ago|agosto|set|settembre|ott|ottobre|novembre|dic|dicembre",
    "ene|enero|febrero|abr|abril|mayo|junio|julio|septiembre|octubre|noviembre|diciembre",
    "janv|janvier|févr|fév|février|mars|avr|avril|mai|juin|juil|juillet|août|aout|septembre|octobre|novembre|déc|décembre",
    "januar|jän|jänner|februar|mär|mrz|märz|juni|juli|okt|oktober|dez|dezember",
    "janeiro|fev|fevereiro|março|maio|junho|julho|setembro|out|outubro|novembro|dezembro",
    "mrt|maart|mei|januari|februari|augustus|maj|augusti|desember|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu",
    "sty|stycznia|lut|lutego|marca|kwi|kwietnia|maja|cze|czerwca|lip|lipca|sie|sierpnia|wrz|września|paź|października|lis|listopada|gru|grudnia",
    "янв|января|фев|февраля|марта|апр|апреля|мая|июн|июня|июл|июля|авг|августа|сен|сентября|окт|октября|ноя|ноября|дек|декабря",
)

FROM: Final = any_of(
    "From|Da|De|Von|Van|Fra|Från|Od|Lähettäjä|Feladó|De la|Expeditor|От|От кого|Від|Kimden|Gönderen|Από|Mittente|Remitente",
    "Expéditeur|Absender|Afzender|Avsändare|发件人|寄件者|差出人|보낸 사람|מאת|من|送信者|Enviado por|Inviato da|Nadawca|Odesílatel|Saatja",
)
SENT: Final = any_of(
    "Sent|Date|Sent on|Sent at|Inviato|Inviata|Inviato il|Data|Data invio|Enviado|Enviado el|Enviada|Enviada em|Enviado em|Fecha|Envoyé|Envoyé le|Date d'envoi",
    "Gesendet|Gesendet am|Datum|Verzonden|Sendt|Dato|Skickat|Wysłano|Wysłane|Odesláno|Odoslané|Dátum|Lähetetty|Päiväys|Elküldve|Trimis|Data trimiterii",
    "Отправлено|Дата|Надіслано|Gönderildi|Gönderilme Tarihi|Tarih|Στάλθηκε|Ημερομηνία|发送时间|发送日期|日期|送信日時|日付|日時|보낸 날짜|날짜|Enviat|נשלח|تاريخ|Saadetud",
)
TO: Final = any_of(
    "To|A|Para|À|Pour|An|Aan|Til|Till|Do|Komu|Vastaanottaja|Címzett|Către|Catre|Кому|Kime|Alıcı|Προς|收件人|收件者|宛先|받는 사람|Destinatario|Destinatari",
    "Destinataire|Destinatário|Empfänger|Ontvanger|Per|אל|إلى|Saaja|A/Para",
)
COPY: Final = any_of(
    "Cc|CC|C.c.|Ccn|CCN|Cci|CCI|Bcc|BCC|Cco|CCO|Copia|Copia a|Kopie|Kopie \\(CC\\)|Kopia|Kopi|Kopio|Копия|Копія|Másolat|Bilgi|抄送|参照|참조|Κοιν|DW|Copie à"
)
SUBJECT: Final = any_of(
    "Subject|Oggetto|Ogg|Asunto|Objet|Sujet|Betreff|Assunto|Onderwerp|Emne|Ämne|Temat|Předmět|Predmet|Aihe|Tárgy|Subiect|Тема|Konu|Θέμα|主题|主旨|件名|제목",
    "Assumpte|נושא|الموضوع|Teema",
)
MORE_LABELS: Final = any_of(
    "Reply-To|Reply to|Rispondi a|Responder a|Répondre à|Antwort an|Antworten an|Importance|Importanza|Importancia|Wichtigkeit|Priority|Priorità|Prioridad",
    "Attachments|Allegati|Adjuntos|Anlagen|Anhänge|Pièces jointes|Anexos|Organization|Message-ID|Sensitivity|Return-Path|When|Where",
)

ORIGINAL: Final = any_of(
    "Mail original|Mail Original|Courriel original|Courrier original|E-?mail original|E-?mail originale|Mail originale|Original Message|Original message|Original E-?Mail|Reply Message|Reply message|Original appointment|Message d'origine|Message d’origine|Message initial",
    "Messaggio originale|Messaggio Originale|Original Message|Messaggio iniziale|Mensaje original|Mensaje Original|Missatge original|Mensagem original|Message original",
    "Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Ursprüngliche E-?Mail|Ursprungliche Nachricht|Oorspronkelijk bericht|Origineel bericht",
    "Oprindelig meddelelse|Original meddelelse|Opprinnelig melding|Ursprungligt meddelande|Originalmeddelande|Alkuperäinen viesti|Wiadomość oryginalna",
    "Oryginalna wiadomość|Původní zpráva|Pôvodná správa|Eredeti üzenet|Mesaj original|Исходное сообщение|Оригинальное сообщение|Orijinal Mesaj|Orijinal İleti",
    "原始邮件|原始郵件|元のメッセージ|Original-Mail|원본 메시지|Αρχικό μήνυμα",
)
FORWARDED: Final = any_of(
    "Forwarded Message|Forwarded message|Forwarded by|Begin forwarded message|Messaggio inoltrato|Messaggio Inoltrato|Inizio messaggio inoltrato|Inoltrato da",
    "Mensaje reenviado|Inicio del mensaje reenviado|Missatge reenviat|Message transféré|Début du message réexpédié|Début du message transféré|Message réexpédié",
    "Weitergeleitete Nachricht|Anfang der weitergeleiteten Nachricht|Anfang der weitergeleiteten E-?Mail|Weitergeleitete E-?Mail|Mensagem encaminhada|Início da mensagem encaminhada",
    "Doorgestuurd bericht|Begin doorgestuurd bericht|Videresendt meddelelse|Vidarebefordrat meddelande|Videresendt melding|Välitetty viesti",
    "Wiadomość przekazana dalej|Treść przekazanej wiadomości|Přeposlaná zpráva|Továbbított üzenet|Пересылаемое сообщение|Iletilen mesaj|转发的邮件|転送されたメッセージ",
)

QUOTING: Final = any_of(
    "Quoting|Citando|Citazione di|Cita de|Zitat von|En réponse à|In risposta a|Citat från|Citerar|Citat af|Quoting message from"
)

EXCUSE: Final = re.compile(
    r"[\s.,;:!-]*(?:please |kindly )?(?:excuse|forgive|pardon|apolog\w+ for|sorry for)[^.?!]{0,60}(?:typ(?:o|ing)|brevity|brief|errors?|mistakes?|short)[^.?!]{0,40}[.!]*$|"
    r"[\s.,;:!-]*(?:perdon\w+|scus\w+|mi scuso per)[^.?!]{0,50}(?:brevità|error\w+|refus\w+|concis\w+)[^.?!]{0,30}[.!]*$|"
    r"[\s.,;:!-]*(?:disculp\w+|perdon\w+)[^.?!]{0,50}(?:brevedad|error\w+|erratas)[^.?!]{0,30}[.!]*$|"
    r"[\s.,;:!-]*(?:veuillez |merci d['’])?(?:excuse[rz]|pardonne[rz])[^.?!]{0,50}(?:brièveté|fautes?|erreurs?|concision)[^.?!]{0,30}[.!]*$|"
    r"[\s.,;:!-]*(?:bitte )?(?:entschuldig\w+|verzeih\w+)[^.?!]{0,50}(?:kürze|fehler|tippfehler)[^.?!]{0,30}[.!]*$|"
    r",? grazie ad android[.!]*$",
    re.IGNORECASE,
)
"""What phones add to the line that names them."""

VIRUS: Final = re.compile(
    r"(?:checked|scanned) (?:for|by)[^\n]{0,40}(?:virus|avast|avg|anti)|(?:controllat|verificat|analizzat|esaminat)[ao][^\n]{0,60}(?:virus|avast|avg)|"
    r"(?:comprobad|analizad|revisad)[ao][^\n]{0,60}(?:virus|avast|avg)|absence de virus|(?:analysé|vérifié)e?[^\n]{0,60}(?:virus|avast|avg)|"
    r"auf viren (?:geprüft|überprüft|untersucht)|(?:avast|avg)[^\n]{0,40}antivirus",
    re.IGNORECASE,
)
"""A scanner of viruses that advertises itself."""

PAPER: Final = re.compile(
    r"(?:before|prima di|antes de|avant d['’e] ?|bevor sie|vor dem)[^\n]{0,40}(?:print|stamp|imprim|druck)|environment before|"
    r"(?:denken|pens\w+|think|rispett\w+|respet\w+|cuid\w+|ayud\w+)[^\n]{0,30}(?:umwelt|ambiente|environnement|environment|medio ambiente)|save (?:paper|trees|the planet)",
    re.IGNORECASE,
)
"""The line that asks not to print a mail."""

_DEVICE_LINES: Final = (
    r"sent (?:from|by|via|with|using|on) (?:my |the )?\S",
    r"(?:get|download) (?:outlook|bluemail|the) (?:for |app)",
    r"(?:inviat[oa]|spedit[oa]) (?:da|dal|dalla|con|tramite|via|usando)\b",
    r"(?:ottieni|scarica) (?:outlook|bluemail|l'app)\b",
    r"enviado (?:desde|de|do|del|con|com|a través|a partir|por|pelo|via)\b",
    r"(?:obtener|obtén|obter|consigue|descarga|baixe) (?:o )?(?:outlook|bluemail)\b",
    r"enviat des\b",
    r"envoy[ée]e? (?:de|depuis|à partir|avec|via|par|du|à l['’]aide)\b",
    r"(?:obtenez|obtenir|télécharge[rz]) outlook\b",
    r"(?:diese (?:nachricht|e-?mail|mail) wurde )?von mein\w+ .{2,60} gesendet",
    r"(?:gesendet|versendet|geschickt|verschickt) (?:von|mit|via|über|aus)\b",
    r"(?:holen sie sich|hol dir|laden sie|lade) outlook\b",
    r"outlook (?:für|voor|para|per|pour|for) (?:ios|android|mac|windows)",
    r"(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|van|via|vanuit)\b",
    r"(?:skickat|skickades|skickad) (?:från|med|via)\b",
    r"sendt (?:fra|med|via)\b",
    r"hent outlook\b|hämta outlook\b",
    r"lähetetty\b",
    r"wys[łl]an[eoay] (?:z|za|przy|ze)\b",
    r"(?:odesláno|odoslané|odoslané) (?:z|ze|pomocí)\b",
    r"küldve\b|trimis (?:de pe|din|cu)\b|poslano (?:iz|s|z)\b",
    r"отправлено (?:с|из|от)\b|надіслано (?:з|із)\b|изпратено от\b|στάλθηκε από",
    r".{2,30}(?:'|’)?(?:umdan|dan|den|ten|tan) gönderildi",
    r".{2,30}から送信|发自我的|从我的.{2,30}发送|傳自我的|.{2,30}에서 보냄|發自我的",
    r"(?:virus-free|(?:mail )?priva di virus|senza virus|libre de virus|garanti sans virus|virenfrei|sans virus|livre de vírus|virusvrij)\b",
)
DEVICES: Final = re.compile("|".join(_DEVICE_LINES), re.IGNORECASE)
"""The line that a program or a phone puts under a mail."""

ABOVE: Final = re.compile(
    r"##-.{0,200}-##|"
    r"(?:reply|write|type|answer).{0,40}above (?:this|the) (?:line|dotted)|"
    r"(?:rispond\w+|scriv\w+).{0,60}sopra (?:a )?(?:questa|la|quest[ao]) (?:riga|linea|testo)|"
    r"(?:respond\w+|escrib\w+|conteste).{0,60}(?:por )?encima de (?:esta|la) l[ií]nea|"
    r"(?:répond\w+|écri\w+).{0,60}au-dessus de (?:cette|la) ligne|"
    r"über dieser (?:linie|zeile)|"
    r"acima desta linha|boven deze (?:lijn|regel)",
    re.IGNORECASE,
)
"""The line of a notification that says where to answer."""
