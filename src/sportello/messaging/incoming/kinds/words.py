"""How machines speak, by language: subjects and sentences of automatic replies, absences, delivery failures and receipts."""

from __future__ import annotations

import re
from typing import Final


def _pattern(*lines: str, start: bool = False) -> re.Pattern[str]:
    joined = "|".join(lines)
    return re.compile(rf"^[\s\[(*\"'“«]*(?:{joined})" if start else joined, re.IGNORECASE)


AUTO_SUBJECT: Final = _pattern(
    r"auto(?:matic|mated|mática|matica|matisch\w*|matisk\w*|maattinen)?[ -]?(?:reply|response|answer|respon[ds]e\w*|email|notification)\b",
    r"auto(?:reply|respon\w+|svar|antwort)\b|\(?auto\)? ?(?:re|r|aw|sv|rif|antw|tr)\s?:|\[auto(?:matic)?[ -]?reply|yahoo! auto|out of office[: -]+auto|auto: .{2,60} (?:is|è|ist|est|está|é) ",
    r"risposta (?:automatica|autom\.)|risponditore automatico|autorisposta|messaggio automatico|notifica automatica",
    r"respuesta (?:automática|automatica|autom)|contestación automática|mensaje automático|resposta autom[aà]tica",
    r"réponse (?:automatique|auto)|reponse automatique|message automatique|r[ée]ponse d['’]absence",
    r"automatische (?:antwort|rückantwort|beantwortung|eingangsbest\w+|empfangsbest\w+|e-?mail|nachricht)|automatische? (?:antwoord|reactie)|automatisch antwoord",
    r"(?:resposta|mensagem) automática|automatisk? (?:svar|besvarelse)|automatiskt (?:svar|utskick)|automaattinen vastaus|autosvar",
    r"automatyczna odpowied|odpowied[źz] automatyczna|automatick[áa] odpov|automatikus (?:válasz|üzenet)|răspuns automat|raspuns automat|samodejni odgovor|automatski odgovor",
    r"автоответ|автоматический ответ|автоматична|otomatik (?:yanıt|cevap)|αυτόματη απάντηση|自动(?:回复|答复)|自動(?:回覆|返信|応答)|자동 ?(?:응답|회신)|respuesta de ausencia",
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
AWAY_OF: Final = _pattern(
    r".{2,80} (?:is (?:currently )?(?:out of (?:the )?office|away|on (?:vacation|holiday|leave))|(?:è|e'|sarà) (?:fuori (?:ufficio|sede)|assente|in ferie)|"
    r"ist (?:außer haus|nicht im (?:büro|haus)|abwesend|im urlaub)|(?:está|estará) (?:ausente|fuera de la oficina|de vacaciones)|(?:est|sera) (?:absente?|en congé|en vacances))\b",
    start=True,
)
"""A subject that tells of somebody by name: “Bo Blu is out of the office (returning 03/02)”."""
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
DECLARES: Final = _pattern(
    r"(?:this|the following) (?:is|was|e?-?mail (?:is|was)|message (?:is|was|has been)|reply (?:is|was)) (?:an? )?(?:automat\w+|auto-?)[ -]?(?:generated )?(?:e-?mail |system )?(?:reply|response|message|e-?mail|answer|acknowledg\w+|notification|generated|sent)",
    r"\b(?:automatically|auto)[ -]generated (?:e-?mail|message|reply|response)|do not (?:reply|respond) to this (?:automat\w+ )?(?:e-?mail|message)|(?:ticket|case|request) has been (?:created|opened|received|logged)[^.\n]{0,40}(?:id|number|reference|representative|ticket)",
    r"(?:quest[ao]|la presente|il presente) (?:(?:risposta|messaggio|e-?mail|mail|comunicazione) )?(?:è|e'|é) (?:stat[oa] )?(?:un(?:a|')? ?)?(?:risposta |messaggio |e-?mail |mail )?(?:generat[oa] |inviat[oa] )?(?:in (?:modo|maniera|via) )?automatic|(?:risposta|messaggio|e-?mail|mail) (?:generat|inviat)[oa] (?:automaticamente|in automatico)|(?:si prega di|preghiamo di|per favore) non rispondere (?:a (?:quest[oa]|tale)|alla presente)|non rispondere a quest[oa] (?:messaggio|e-?mail|mail)",
    r"(?:este|esta|ésta|esto|el presente) es un(?:a)? (?:respuesta|mensaje|correo|e-?mail) (?:generad[oa] )?autom|(?:respuesta|mensaje|correo) (?:generad[oa]|enviad[oa]) autom|(?:por favor,? )?no respond(?:a|an|as|er) (?:a )?(?:este|al presente) (?:correo|mensaje|e-?mail)",
    r"(?:ceci est|il s['’]agit d['’]|c['’]est) ?une? (?:réponse|message|courriel|e-?mail|mail) (?:généré |envoyé )?automatique|(?:message|réponse|courriel|mail) (?:généré|envoyé)e? automatiquement|(?:ne pas|merci de ne pas|veuillez ne pas|prière de ne pas) (?:y )?répondre (?:à ce|directement)",
    r"(?:dies|das|dieses|diese)(?: (?:e-?mail|nachricht|antwort|schreiben))? (?:ist|wurde) (?:eine )?automatisch|(?:bitte )?antworten sie (?:bitte )?nicht auf diese|dit is een automatisch|esta é uma (?:mensagem|resposta) autom|det(?:ta|te) (?:är|er) (?:ett|et|en) automatisk",
)
"""Where a mail says of itself, in its writer's own words, that a machine wrote it."""
AWAY_STATE: Final = _pattern(
    r"out of (?:the |my )?office|on (?:annual |parental |maternity |paternity |sick |business )?(?:leave|vacation|holidays?)\b|away (?:from|until|on)\b|no longer (?:work|employed|with (?:the company|us)|part of)|(?:mailbox|inbox|address) is (?:not|no longer) (?:being )?(?:monitored|in use|active)",
    r"fuori (?:sede|ufficio)|\b(?:in|per) ferie\b|\bassente\b|(?:in|per) (?:congedo|maternità|malattia|permesso)\b|non lavora più|non (?:è|e') più (?:attiv|in uso|presidiat|monitorat)|chius[oi] per",
    r"fuera de la oficina|de vacaciones|\bausente\b|de baja\b|ya no trabaja|(?:buzón|dirección|cuenta) (?:ya )?no (?:está|se)",
    r"absente? (?:du bureau|jusqu|du|à partir|et|actuellement)|en (?:congés?|vacances|déplacement)\b|hors du bureau|ne (?:travaille|fait) plus|n['’]est plus (?:valide|utilisée|consultée|active)",
    r"nicht (?:im (?:büro|haus|dienst)|erreichbar|am arbeitsplatz)|außer haus|abwesend|im (?:urlaub|mutterschutz)|in elternzeit|nicht mehr (?:bei|im unternehmen|für|tätig)|afwezig|met vakantie|de férias|ausente",
)
AWAY_PROMISE: Final = _pattern(
    r"(?:reply|respond|answer|get back|attend)[^.\n]{0,60}(?:return|back|possible|when i)|(?:limited|no|intermittent|restricted|sporadic) access to|(?:urgent|emergenc|immediate (?:assistance|attention|help)|in my absence)[^\n]{0,80}(?:contact|call|write|e-?mail|reach|@)|(?:contact|write to|e-?mail)[^\n]{0,80}instead|will not be (?:read|forwarded)",
    r"rispond\w+[^.\n]{0,60}(?:rientro|ritorno|appena)|(?:al|dal) (?:mio|nostro) (?:rientro|ritorno)|(?:urgenz|urgent|necessità|mia assenza|comunicazioni importanti)[^\n]{0,80}(?:contatt|scriv|chiam|rivolg|telefon|@)|non (?:verr|sar)[^.\n]{0,20}(?:lett|inoltrat)|(?:si prega di|potete|puoi) (?:contattare|scrivere)[^\n]{0,60}@",
    r"(?:contest|respond|atend)\w+[^.\n]{0,60}(?:vuelta|regreso|posible)|a mi (?:vuelta|regreso)|(?:urgen|mi ausencia)[^\n]{0,80}(?:contact|escrib|llam|dirí[jg]|pueden|@)",
    r"(?:répond|traiter)\w*[^.\n]{0,60}(?:retour|possible)|(?:à|dès) mon retour|(?:urgen|mon absence)[^\n]{0,80}(?:contact|appel|écri|adress|@)|(?:merci de|veuillez) (?:contacter|vous adresser)",
    r"nach meiner rückkehr|(?:dringend|eilig|notf|meiner abwesenheit)[^\n]{0,100}(?:wenden|kontakt|rufen|schreiben|@)|nicht (?:automatisch )?weitergeleitet|wieder (?:erreichbar|für sie da|im (?:büro|haus))|beantworte[^.\n]{0,60}(?:rückkehr|zurück)|dringende? (?:zaken|gevallen)|(?:urgente|urgência)[^\n]{0,60}(?:contact|@)",
)
"""What automatic absences say besides: who answers meanwhile, or when the writer will. Two of three make one, and no question."""
BOUNCE_SUBJECT: Final = _pattern(
    r"undeliver(?:able|ed)|undelivarable|delivery (?:status notification|failure|has failed|failed|report|notification|problem|error|delayed|incomplete)|mail delivery (?:failed|failure|system|problem|error|subsystem|status|report|delayed)|(?:mail|message|e-?mail)[ -]?(?:could not be|not|cannot be) (?:delivered|sent)",
    r"returned mail|return(?:ed)? to sender|returned message|failure notice|failed (?:delivery|mail)|fail(?:ed|ure) (?:notification|delivery|to deliver)|non-?delivery|ndn:|message (?:status|delivery|delayed|you sent blocked)|unable to deliver|warning: (?:could not send|message|e-?mail)|permanent (?:delivery )?(?:failure|error)|bounced? (?:e-?mail|mail|message)|mail system error|nondeliverable|rejected:|your message (?:to|couldn't|could not|wasn't)|error sending|mail could not|delayed:",
    r"(?:mancat[ao]|impossibile|errore di|avviso di mancata|notifica (?:di )?mancata) (?:consegna|recapito|recapitare)|non recapitabile|non consegnabile|(?:messaggio|posta|mail|email)[^:]{0,20}non (?:recapitat|consegnat|inviat)|notifica (?:sullo |dello )?stato (?:della |di )?(?:consegna|recapito)|consegna (?:fallita|non riuscita|ritardata|in ritardo)|recapito (?:non riuscito|ritardato)|anomalia messaggio|rilevazione virus",
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
    r"(?:non (?:è|e') stato possibile|impossibile|non si (?:è|e') potuto) (?:recapitare|consegnare|inviare|effettuare)|non (?:può|puo') essere (?:recapitat|consegnat)|mancat[ao] (?:recapito|consegna)|(?:utente|destinatario|indirizzo|casella)[^\n]{0,60}(?:sconosciut|inesistent|non (?:esiste|trovat|valid)|pien[ao])",
    r"no (?:se )?(?:pudo|ha podido|puede|fue posible) (?:ser )?entreg|(?:usuario|buzón|dirección|destinatario)[^\n]{0,60}(?:desconocid|no existe|inexistente|llen[oa]|no (?:se )?encontr)",
    r"(?:n['’]a pas pu|ne peut pas|n['’]a pu) être (?:remis|distribué|délivré|livré|envoyé)|(?:utilisateur|destinataire|adresse|boîte)[^\n]{0,60}(?:inconnu|n['’]existe pas|introuvable|pleine|saturée)",
    r"konnte(?:n)? (?:[\w ]{0,60})?nicht (?:zugestellt|übermittelt|ausgeliefert)|(?:empfänger|benutzer|adresse|postfach)[^\n]{0,60}(?:unbekannt|existiert nicht|nicht gefunden|voll|nicht vorhanden)|kon niet worden (?:bezorgd|afgeleverd)|não (?:pôde|foi possível) (?:ser )?entreg",
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
    r"(?:mailbox|inbox|quota|storage|disk)[^.\n]{0,40}(?:full|exceed|over|limit)|(?:over|exceed\w*|out of)[^.\n]{0,20}(?:quota|storage|disk|space)|insufficient (?:system )?storage",
    r"casella[^\n]{0,80}(?:piena|quota|spazio)|quota[^.\n]{0,30}superata|superat[oa][^.\n]{0,30}quota|spazio[^.\n]{0,20}esaurito",
    r"buzón[^\n]{0,60}(?:lleno|cuota)|cuota[^.\n]{0,30}(?:excedid|superad)|boîte[^\n]{0,60}(?:pleine|saturée|quota)|quota[^.\n]{0,30}dépassé|postfach[^\n]{0,60}(?:voll|überschritten|quota)|speicherplatz",
)
UNKNOWN: Final = _pattern(
    r"(?:user|recipient|mailbox|account|address|addressee|domain|host)s?(?: \S{1,80})?(?: address)? (?:is |was |are |were )?(?:unknown|not (?:found|known|listed)|invalid|inactive|disabled|does(?:n['’]t| not) exist|could ?n(?:['’]t|ot) be found)",
    r"unknown (?:user|recipient|local|mailbox|address|account)|no such (?:user|recipient|mailbox|address|account|person|domain)|no mailbox here|not a (?:valid|known) (?:user|mailbox|recipient)|invalid (?:recipient|mailbox|address|user)",
    r"recipient address rejected: (?:access denied|user|undeliverable|unverified)|unrouteable|host or domain name not found|does(?:n['’]t| not) have an? \S{1,40} account|user doesn['’]t exist|recip(?:ient)?notfound|not listed in domino",
    r"(?:utente|destinatario|indirizzo|casella)[^\n]{0,60}(?:sconosciut|inesistent|non (?:esiste|trovat|valid))|(?:usuario|buzón|dirección|destinatario)[^\n]{0,60}(?:desconocid|no existe|inexistente)",
    r"(?:utilisateur|destinataire|adresse|boîte)[^\n]{0,60}(?:inconnu|n['’]existe pas|introuvable|invalide)|(?:empfänger|benutzer|adresse|postfach)[^\n]{0,60}(?:unbekannt|existiert nicht|nicht gefunden|nicht vorhanden)",
)
"""An address that does not exist, whatever number goes with it."""
FOR_NOW: Final = _pattern(
    r"retry time(?:out| not)|timed? ?out|timeout|connection (?:refused|reset|dropped|lost)|no route to host|network (?:is )?unreachable|in the queue too long|have been failing|temporar|try (?:again )?later|greylist|deferred|unavailable, try",
    r"blocked using|black ?list|block ?list|\bspam\b|spamhaus|reputation|(?:rate|connection|sending)[ -]limit|too many (?:messages|connections|recipients)|listed (?:in|by|at|on)\b|poor sender|throttl|hop count|routing loop|mail loop|too many hops",
)
"""A failure of a server, a line or a filter, not of the address: another mail may arrive."""
RECEIPT_TEXT: Final = _pattern(
    r"(?:was|has been|were|is) (?:read|displayed|opened|received|delivered|deleted)|(?:è|e'|é) stat[oa] (?:\w+ )?(?:lett|apert|visualizzat|ricevut|recapitat|consegnat|eliminat|accettat)",
    r"(?:se ha|ha sido|fue|se) (?:leíd|leyó|entregad|abiert|eliminad|mostrad)|a été (?:\w+ )?(?:lue?|remis|affiché|ouvert|supprimé|reçu)|(?:wurde|ist)[^.\n]{0,80}(?:gelesen|angezeigt|zugestellt|empfangen|gelöscht|geöffnet)",
    r"foi (?:lid|entreg|abert|exclu)|(?:is|werd) [^.\n]{0,40}(?:gelezen|ontvangen)|har (?:blivit )?(?:lästs|læst|lest)",
)
