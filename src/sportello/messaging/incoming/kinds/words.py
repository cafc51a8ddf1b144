"""How machines speak, by language: subjects and sentences of automatic replies, absences, delivery failures and receipts."""

from __future__ import annotations

import re
from typing import Final


def _pattern(*lines: str, start: bool = False) -> re.Pattern[str]:
    joined = "|".join(lines)
    return re.compile(rf"^[\s\[(*\"'“«]*(?:{joined})" if start else joined, re.IGNORECASE)


AUTO_SUBJECT: Final = _pattern(
    r"auto(?:matic|mated|mática|matica|matisch\w*|matisk\w*|maattinen)?[ -]?(?:reply|response|answer|respon[ds]e\w*|email|notification)\b",
    r"auto(?:reply|respon\w+|svar|antwort)\b|\(?auto\)? ?re:|\[auto(?:matic)?[ -]?reply",
    r"risposta (?:automatica|autom\.)|risponditore automatico|autorisposta|messaggio automatico|notifica automatica",
    r"respuesta (?:automática|automatica|autom)|contestación automática|mensaje automático|resposta autom[aà]tica",
    r"réponse (?:automatique|auto)|reponse automatique|message automatique|r[ée]ponse d['’]absence",
    r"automatische (?:antwort|rückantwort|beantwortung|eingangsbest\w+|empfangsbest\w+|e-?mail|nachricht)|automatische? (?:antwoord|reactie)|automatisch antwoord",
    r"(?:resposta|mensagem) automática|automatisk? (?:svar|besvarelse)|automatiskt (?:svar|utskick)|automaattinen vastaus|autosvar",
    r"automatyczna odpowied|odpowied[źz] automatyczna|automatick[áa] odpov|automatikus (?:válasz|üzenet)|răspuns automat|raspuns automat|samodejni odgovor|automatski odgovor",
    r"автоответ|автоматический ответ|автоматична|otomatik (?:yanıt|cevap)|αυτόματη απάντηση|自动回复|自動回覆|自動返信|자동 ?(?:응답|회신)|respuesta de ausencia",
    start=True,
)
AWAY_SUBJECT: Final = _pattern(
    r"out of (?:the )?office|out-of-office|ooo\b|o\.o\.o|away from (?:my |the )?(?:office|mail|desk|email)|i(?:'|’)?m (?:away|on (?:vacation|leave|holiday))|on (?:vacation|holiday|leave|annual leave|maternity leave)\b",
    r"vacation (?:reply|response|message|notice|auto)|holiday (?:reply|message|notice)|absence (?:notification|notice|message)|not in (?:the )?office|away message",
    r"fuori (?:sede|ufficio|stanza)|assen(?:te|za)\b(?:[ :-]|$)|avviso di assenza|notifica di assenza|messaggio di assenza|(?:sono )?in ferie|chiusura (?:estiva|uffici|per ferie|natalizia)|ferie\b",
    r"fuera de (?:la )?oficina|ausente|ausencia|aviso de ausencia|(?:de|en) vacaciones|mensaje de ausencia|notificación de ausencia|no estoy en la oficina",
    r"absent(?:e)?(?: du bureau)?\b|absence\b|avis d['’]absence|en congé|message d['’]absence|en vacances|notification d['’]absence",
    r"abwesen|(?:bin )?nicht im (?:büro|haus)|(?:ich bin )?im urlaub|urlaub(?:s|\b)|außer haus|betriebsferien|nicht am arbeitsplatz",
    r"afwezig|niet aanwezig|met vakantie|op vakantie|fora do escrit|ausência|em férias|poissa|lomalla|frånvaro|fravær|ikke på kontoret|på semester|ferie\b|på ferie",
    r"nieobecno|poza biurem|urlop\b|mimo kancel|nepřítomn|házon kívül|szabads[áa]g|absent din birou|в отпуске|вне офиса|нет на месте|ofis dışında|外出|不在|휴가|부재",
    start=True,
)
AWAY_TEXT: Final = _pattern(
    r"(?:i am|i'm|i’m|i will be|i'll be|we are|currently|am presently) (?:currently |now |also )?(?:out of (?:the )?office|away (?:from|until|on)|on (?:annual |parental |maternity |sick )?(?:leave|vacation|holiday)|travel(?:l)?ing|not in the office|unavailable)",
    r"(?:limited|no|intermittent|restricted) access to (?:my )?e-?mail|i will (?:reply|respond|get back) (?:to (?:you|your e?-?mail) )?(?:when|upon|on|as soon as)|return(?:ing)? to the office",
    r"(?:sono|sarò|siamo|saremo) (?:\w+ )?(?:assente|assenti|fuori (?:sede|ufficio)|in ferie|in congedo|in maternità|in trasferta)|(?:uffici|azienda|ditta)[^.\n]{0,40}(?:chius[oia]|chiuderà)|al mio (?:rientro|ritorno)|risponderò (?:al|appena)|chiusi per ferie",
    r"(?:estoy|estaré|estamos|estaremos|me encuentro|me encontraré) (?:\w+ )?(?:fuera|ausente|de vacaciones|de baja|de permiso|de viaje)|a mi (?:vuelta|regreso)|fuera de la oficina",
    r"je (?:suis|serai) (?:\w+ ){0,2}(?:absent|en congé|en vacances|en déplacement|indisponible)|à mon retour|absente? du bureau|de retour le",
    r"(?:ich bin|bin ich|wir sind|ich werde|befinde ich mich|ich befinde mich) (?:[\w.,]+ ){0,8}(?:nicht (?:im (?:büro|haus)|erreichbar|anwesend|am arbeitsplatz)|abwesend|im urlaub|außer haus|in elternzeit|in mutterschutz)|nach meiner rückkehr|wieder erreichbar|nicht weitergeleitet",
    r"estou (?:\w+ )?(?:fora|ausente|de férias)|estarei (?:ausente|fora|de férias)|ik ben (?:\w+ ){0,4}(?:afwezig|niet (?:aanwezig|op kantoor)|met vakantie|op vakantie)|jag är (?:\w+ ){0,3}(?:ledig|på semester|frånvarande)|jeg er (?:\w+ ){0,3}(?:på ferie|fraværende|ikke på kontoret)|olen (?:\w+ ){0,3}(?:lomalla|poissa)",
    r"jestem (?:\w+ ){0,3}(?:na urlopie|nieobecn|poza biurem)|nejsem (?:\w+ ){0,2}v kanceláři|jsem (?:\w+ ){0,3}(?:na dovolené|mimo kancelář)|(?:я )?(?:нахожусь|буду) (?:\w+ ){0,2}в отпуске|yıllık izin|不在にして|出張|休暇",
)
AUTO_TEXT: Final = _pattern(
    r"this is an? (?:automat\w+|auto-?generated|auto)[ -](?:reply|response|message|e-?mail|answer|acknowledg\w+)|(?:automatically|auto)[ -]generated (?:e-?mail|message|reply|response)|(?:please )?do not (?:reply|respond) to this (?:e-?mail|message|automat)|we (?:have )?received your (?:e-?mail|message|request|enquiry|inquiry)",
    r"(?:questa|questo) (?:è|e') un(?:a|)? ?(?:risposta|messaggio|e-?mail|mail) (?:generat[oa] )?automatic|(?:risposta|messaggio) generat[oa] automaticamente|(?:si prega di )?non rispond\w+ a quest[oa] (?:messaggio|e-?mail|mail)|abbiamo ricevuto (?:il (?:suo|tuo|vostro)|la (?:sua|tua|vostra))",
    r"(?:este|esta|ésta) es un(?:a)? (?:respuesta|mensaje|correo) (?:generad[oa] )?autom|(?:mensaje|correo) (?:generado )?autom|no respond\w+ a este|hemos recibido (?:su|tu)",
    r"ceci est un(?:e)? (?:réponse|message|courriel|e-?mail|mail) (?:généré )?automatique|message (?:généré )?automatique|(?:ne pas|merci de ne pas) répondre à ce|nous avons bien reçu",
    r"(?:dies|das) ist eine automatisch|automatisch (?:generiert|erstellt|erzeugt)|antworten sie (?:bitte )?nicht auf diese|wir haben ihre (?:nachricht|e-?mail|anfrage) erhalten|dit is een automatisch",
)
BOUNCE_SUBJECT: Final = _pattern(
    r"undeliver(?:able|ed)|undelivarable|delivery (?:status notification|failure|has failed|failed|report|notification|problem|error|delayed|incomplete)|mail delivery (?:failed|failure|system|problem|error|subsystem|status|report|delayed)|(?:mail|message|e-?mail)[ -]?(?:could not be|not|cannot be) (?:delivered|sent)",
    r"returned mail|return(?:ed)? to sender|returned message|failure notice|failed (?:delivery|mail)|fail(?:ed|ure) (?:notification|delivery|to deliver)|non-?delivery|ndn:|message (?:status|delivery|delayed|you sent blocked)|unable to deliver|warning: (?:could not send|message|e-?mail)|permanent (?:delivery )?(?:failure|error)|bounced? (?:e-?mail|mail|message)|mail system error|nondeliverable|rejected:|your message (?:to|couldn't|could not|wasn't)|error sending|mail could not|delayed:",
    r"(?:mancata|impossibile|errore di|avviso di mancata|notifica (?:di )?mancata) (?:consegna|recapito|recapitare)|non recapitabile|non consegnabile|(?:messaggio|posta|mail|email)[^:]{0,20}non (?:recapitat|consegnat|inviat)|notifica (?:sullo |dello )?stato (?:della |di )?(?:consegna|recapito)|consegna (?:fallita|non riuscita|ritardata|in ritardo)|recapito (?:non riuscito|ritardato)|anomalia messaggio|rilevazione virus",
    r"no se (?:puede|pudo|ha podido) entregar|(?:mensaje|correo)[^:]{0,20}(?:no entregado|devuelto|rechazado)|correo devuelto|devuelto:|error (?:de|en la) entrega|fallo (?:de|en la) entrega|notificación (?:de|del) estado de (?:la )?entrega|no entregado|entrega (?:fallida|retrasada|demorada)",
    r"non remis|(?:échec|echec) (?:de|d['’]) ?(?:remise|distribution|livraison|envoi)|(?:message|courriel|mail)[^:]{0,20}non (?:distribué|délivré|remis)|remise (?:différée|retardée|impossible)|notification d['’]état de (?:remise|distribution)|avis de non[- ](?:remise|distribution)",
    r"unzustellbar|nicht zustellbar|zustellung(?:sfehler|sproblem|sverzögerung|sbericht)?\b|fehler bei der zustellung|(?:benachrichtigung|mitteilung) (?:zum|über den) (?:über)?(?:zu|mittlungs)stell?\w*status|unzustellbarkeit|mail ?zustellung|ihre nachricht konnte nicht|e-?mail(?:s)? (?:konnte|kann) nicht|verzögert",
    r"não (?:foi )?(?:possível )?entreg|devolvid[ao]|falha (?:na|de) entrega|niet (?:bezorgd|te bezorgen|bestelbaar)|onbestelbaar|kan niet (?:worden )?(?:bezorgd|afgeleverd)|kunde inte levereras|olevererbart|kunne ikke leveres|ikke leveret|niedostarczon|zwrot poczty|nedoru|kézbesíthetetlen|nem kézbesíthető|недоставлен|не доставлено|teslim edilemedi|配信不能|配信エラー|退信|无法投递|投递失败|系统退信",
    start=True,
)
DAEMON: Final = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mail[-_.]?delivery[-_.]?\w*|mdaemon|mailerdaemon|bounces?|bounce[-+_.].*|double-bounce|mailsystem|mail-system|"
    r"email-?postmaster|microsoftexchange[0-9a-f]{8,}|noreply-dmarc-support|symantec_antivirus.*|mailadmin|majordomo|gtw-mail)$",
    re.IGNORECASE,
)
NO_REPLY: Final = re.compile(
    r"^(?:no[-_.]?repl(?:y|ies)|do[-_.]?not[-_.]?reply|non[-_.]?rispondere|noresponder|no[-_.]?responder|nicht[-_.]?antworten|auto(?:reply|respond\w*|mailer|\b).*)",
    re.IGNORECASE,
)
BOUNCE_TEXT: Final = _pattern(
    r"this is the qmail-send program|i(?:'m|’m| am) (?:sorry|afraid)[^.]{0,40}(?:wasn't able|not able|unable|have to inform)|could not be delivered|(?:couldn't|could not|cannot|can't|was not|wasn't|unable to|not) (?:be )?deliver|delivery (?:to the following|has failed|failed|of (?:the|your) )|undeliverable|permanent(?:ly)? (?:error|fail)|user unknown|unknown user|no such (?:user|recipient|mailbox)|mailbox (?:unavailable|not found|full|disabled|quota)|address (?:rejected|not found|couldn't be found)|recipient (?:address )?(?:rejected|unknown|not found)|does not (?:exist|like recipient)|message (?:was |has been )?(?:rejected|blocked|bounced|delayed)|returned to (?:the )?sender|delivery status notification|host or domain name not found|relay(?:ing)? (?:access )?denied|over quota|quota exceeded",
    r"(?:non (?:è|e') stato possibile|impossibile|non si (?:è|e') potuto) (?:recapitare|consegnare|inviare|effettuare)|non (?:può|puo') essere (?:recapitat|consegnat)|mancat[ao] (?:recapito|consegna)|(?:utente|destinatario|indirizzo|casella)[^.\n]{0,50}(?:sconosciut|inesistent|non (?:esiste|trovat|valid)|pien[ao])",
    r"no (?:se )?(?:pudo|ha podido|puede|fue posible) (?:ser )?entreg|(?:usuario|buzón|dirección|destinatario)[^.\n]{0,50}(?:desconocid|no existe|inexistente|llen[oa]|no (?:se )?encontr)",
    r"(?:n['’]a pas pu|ne peut pas|n['’]a pu) être (?:remis|distribué|délivré|livré|envoyé)|(?:utilisateur|destinataire|adresse|boîte)[^.\n]{0,50}(?:inconnu|n['’]existe pas|introuvable|pleine|saturée)",
    r"konnte(?:n)? (?:[\w ]{0,60})?nicht (?:zugestellt|übermittelt|ausgeliefert)|(?:empfänger|benutzer|adresse|postfach)[^.\n]{0,50}(?:unbekannt|existiert nicht|nicht gefunden|voll|nicht vorhanden)|kon niet worden (?:bezorgd|afgeleverd)|não (?:pôde|foi possível) (?:ser )?entreg",
)
RECEIPT_SUBJECT: Final = _pattern(
    r"read:|read receipt|return receipt|(?:message )?(?:displayed|opened)\b|received:|delivered:|relayed:|confirm(?:ation|ed)? (?:of )?(?:receipt|reading)|not read:|deleted:|delivery (?:receipt|confirmation)|successful mail delivery|success(?:ful)?(?:ly)? deliver|recall:",
    r"lett[oa]:|(?:conferma|ricevuta|notifica) (?:di )?(?:lettura|ritorno|ricezione|recapito|avvenuta|visualizzazione)|recapitato:|inoltrato:|non letto:|visualizzato:|accettazione:|consegna:|(?:accettazione|avvenuta consegna) ",
    r"le[ií]do:|(?:confirmación|acuse) de (?:lectura|recibo|entrega)|entregado:|no le[ií]do:|lido:|lida:",
    r"lu ?:|(?:accusé|confirmation) de (?:lecture|réception|remise)|remis ?:|non lu ?:",
    r"gelesen:|lesebestätigung|empfangsbestätigung|übermittelt:|zugestellt:|ungelesen gelöscht|gelezen:|leesbevestiging|läst:|læst:|lest:|przeczytano:|přečteno:|прочитано:|開封済み|已读",
    start=True,
)
DELAYED: Final = _pattern(
    r"\bdelay(?:ed)?\b|still (?:trying|being retried|in the queue)|will (?:be )?(?:retr(?:y|ied)|keep trying|continue to)|not yet been delivered|warning: (?:could not send|message)|do not need to resend|temporar(?:y|ily)|try again later|greylist|deferred",
    r"ritardat|in ritardo|verrà (?:ritentat|ripetut)|temporane|riprova|retrasad|demorad|se (?:volverá|seguirá)|temporal|différé|retardé|temporaire|nouvelle tentative|verzögert|vorübergehend|erneut versuch|weitere zustellversuche",
)
FULL: Final = _pattern(
    r"(?:mailbox|inbox|quota|storage|disk)[^.\n]{0,40}(?:full|exceed|over|limit)|(?:over|exceed\w*|out of)[^.\n]{0,20}(?:quota|storage|disk|space)|casella[^.\n]{0,30}piena|quota[^.\n]{0,20}superata|buzón[^.\n]{0,20}lleno|boîte[^.\n]{0,30}(?:pleine|saturée)|postfach[^.\n]{0,20}voll|insufficient (?:system )?storage",
)
RECEIPT_TEXT: Final = _pattern(
    r"\b(?:read|displayed|opened|received|delivered|lett[oa]|recapitat\w*|ricevut\w*|leído|entregad\w*|lu|remis|gelesen|angezeigt|empfangen|zugestellt)\b",
)
