"""Delivery failures as mail systems write them, in many languages; all written for these tests."""

# ruff: noqa: RUF001

from __future__ import annotations

FAILURES: dict[str, tuple[str, str, bool | None]] = {
    "exim1": (
        "From: Mail Delivery System <Mailer-Daemon@host.acme.test>\nSubject: Mail delivery failed: returning message to sender\nAuto-Submitted: auto-replied\nX-Failed-Recipients: bo@acme.test",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  bo@acme.test\n    host mail.acme.test [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<bo@acme.test>:\n    550 5.7.1 <bo@acme.test>: Recipient address rejected: Access denied\n\n------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <tickets@reply.portal.test>\nMessage-ID: <message-17.1736956980@portal.test>",
        True,
    ),
    "exim retry timeout": (
        "From: Mail Delivery System <Mailer-Daemon@host.acme.test>\nSubject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: bo@acme.test",
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  bo@acme.test\n    retry timeout exceeded",
        None,
    ),
    "exim warn": (
        "From: Mail Delivery System <Mailer-Daemon@host.acme.test>\nSubject: Warning: message 1tY2aB-0001 delayed 24 hours\nAuto-Submitted: auto-replied",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on host.acme.test.\n\nThe address to which the message has not yet been delivered is:\n\n  bo@acme.test\n    host mail.acme.test [192.0.2.1]\n    Delay reason: SMTP error from remote mail server after RCPT TO:<bo@acme.test>:\n    451 4.7.1 Try again later\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated at intervals if the message\nremains undelivered.",
        False,
    ),
    "exim quota": (
        "From: Mail Delivery System <Mailer-Daemon@host.acme.test>\nSubject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: bo@acme.test",
        "  bo@acme.test\n    mailbox is full: retry timeout exceeded",
        False,
    ),
    "postfix plain": (
        "From: MAILER-DAEMON@mx.acme.test (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied",
        "This is the mail system at host mx.acme.test.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to postmaster.\n\nIf you do so, please include this problem report. You can\ndelete your own text from the attached returned message.\n\n                   The mail system\n\n<bo@acme.test>: host mail.acme.test[192.0.2.1] said: 550 5.1.1 <bo@acme.test>:\n    Recipient address rejected: User unknown in virtual mailbox table (in reply\n    to RCPT TO command)",
        True,
    ),
    "postfix delayed": (
        "From: MAILER-DAEMON@mx.acme.test (Mail Delivery System)\nSubject: Delayed Mail (still being retried)\nAuto-Submitted: auto-replied",
        "This is the mail system at host mx.acme.test.\n\n####################################################################\n# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n####################################################################\n\nYour message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old.\n\n<bo@acme.test>: connect to mail.acme.test[192.0.2.1]:25: Connection timed out",
        False,
    ),
    "postfix it": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: Messaggio non recapitato - restituito al mittente",
        'Questo e\' il sistema di posta dell\'host mx.acme.test.\n\nSpiacenti, il messaggio non e\' stato recapitato ad uno o piu\' destinatari.\n\n<bo@acme.test>: unknown user: "bo"',
        True,
    ),
    "qmail dns": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: failure notice",
        "Hi. This is the qmail-send program at mx.acme.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bo@acme.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <tickets@reply.portal.test>",
        True,
    ),
    "qmail queue": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: failure notice",
        "Hi. This is the qmail-send program at mx.acme.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<bo@acme.test>:\n192.0.2.1 failed after I sent the message.\nRemote host said: 451 Temporary local problem - please try later\nI'm not going to try again; this message has been in the queue too long.",
        False,
    ),
    "qmail vpopmail": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: failure notice",
        "Hi. This is the qmail-send program at mx.acme.test.\n\n<bo@acme.test>:\nuser is over quota",
        False,
    ),
    "sendmail": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.acme.test>\nSubject: Returned mail: see transcript for details\nAuto-Submitted: auto-generated (failure)",
        "The original message was received at Wed, 15 Jan 2025 17:03:00 +0100\nfrom portal.test [192.0.2.9]\n\n   ----- The following addresses had permanent fatal errors -----\n<bo@acme.test>\n    (reason: 550 5.1.1 <bo@acme.test>... User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mail.acme.test.:\n>>> DATA\n<<< 550 5.1.1 <bo@acme.test>... User unknown\n550 5.1.1 <bo@acme.test>... User unknown\n<<< 503 5.0.0 Need RCPT (recipient)",
        True,
    ),
    "sendmail warning": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.acme.test>\nSubject: Warning: could not send message for past 4 hours",
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\nThe original message was received at Wed, 15 Jan 2025 17:03:00 +0100\nfrom portal.test [192.0.2.9]\n\n   ----- Transcript of session follows -----\n<bo@acme.test>... Deferred: Connection refused by mail.acme.test.\nWarning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old",
        False,
    ),
    "gmail 1": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        "** Message not delivered **\n\nYour message couldn't be delivered to bo@acme.test because the remote server is misconfigured. See technical details below for more information.\n\nThe response from the remote server was:\n554 5.7.1 <bo@acme.test>: Relay access denied",
        True,
    ),
    "gmail delay": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Delay)",
        "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to bo@acme.test. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.\n\nThe response was:\nThe recipient server did not accept our requests to connect. [mail.acme.test. 192.0.2.1: timed out]",
        False,
    ),
    "gmail it": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        "** Indirizzo non trovato **\n\nIl messaggio non è stato recapitato a bo@acme.test perché l'indirizzo non è stato trovato o perché non può ricevere posta.\n\nLa risposta è stata:\n550 5.1.1 The email account that you tried to reach does not exist.",
        True,
    ),
    "gmail old": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        "Delivery to the following recipient failed permanently:\n\n     bo@acme.test\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain acme.test by mail.acme.test. [192.0.2.1].\n\nThe error that the other server returned was:\n550 5.1.1 <bo@acme.test> User doesn't exist: bo@acme.test\n\n----- Original message -----",
        True,
    ),
    "gmail full": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        "** Recipient inbox full **\n\nYour message couldn't be delivered to bo@acme.test. Their inbox is full, or it's getting too much mail right now.\n\nThe response was:\n452 4.2.2 The email account that you tried to reach is over quota.",
        False,
    ),
    "o365 en": (
        "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.onmicrosoft.com>\nSubject: Undeliverable: [TCK] Guasto\nX-MS-Exchange-Message-Is-Ndr:",
        "Delivery has failed to these recipients or groups:\n\nbo@acme.test<mailto:bo@acme.test>\nThe email address you entered couldn't be found. Please check the recipient's email address and try to resend the message. If the problem continues, please contact your email admin.\n\nDiagnostic information for administrators:\n\nGenerating server: AM0PR01.eurprd01.prod.exchangelabs.com\n\nbo@acme.test\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient bo@acme.test not found by SMTP address lookup'",
        True,
    ),
    "o365 it": (
        "From: Microsoft Outlook <postmaster@acme.test>\nSubject: Recapito non riuscito: [TCK] Guasto",
        "Il recapito non è riuscito per i seguenti destinatari o gruppi:\n\nbo@acme.test\nIl messaggio non può essere recapitato. La cassetta postale del destinatario è piena e non può accettare messaggi ora.\n\n550 5.2.2 STOREDRV.Deliver; mailbox full. The mailbox storage quota has been exceeded",
        False,
    ),
    "o365 your message to": (
        "From: Microsoft Outlook <MicrosoftExchange329e71ec@acme.onmicrosoft.com>\nSubject: Undeliverable: Guasto",
        "Your message to bo@acme.test couldn't be delivered.\n\nbo wasn't found at acme.test.\n\nportal    Office 365    bo\nAction Required       Recipient\nUnknown To address",
        True,
    ),
    "o365 delayed": (
        "From: Microsoft Outlook <postmaster@acme.test>\nSubject: Delivery delayed:Guasto",
        "Delivery is delayed to these recipients or groups:\n\nbo@acme.test\n\nSubject: Guasto\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted.\n\nThe server will keep trying to deliver this message for the next 1 days, 19 hours and 57 minutes. You'll be notified if the message can't be delivered by that time.",
        False,
    ),
    "exchange 2003": (
        "From: System Administrator <postmaster@acme.test>\nSubject: Undeliverable: Guasto",
        "Your message\n\n  To:      bo@acme.test\n  Subject: Guasto\n  Sent:    Wed, 15 Jan 2025 17:03:00 +0100\n\ndid not reach the following recipient(s):\n\nbo@acme.test on Wed, 15 Jan 2025 17:03:10 +0100\n    The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address, or contact the recipient directly to find out the correct address.\n    <mx.acme.test #5.1.1>",
        True,
    ),
    "exchange it sysadmin": (
        "From: Amministratore di sistema <postmaster@acme.test>\nSubject: Non recapitabile: Guasto",
        "Il messaggio\n\n  A:       bo@acme.test\n  Oggetto: Guasto\n  Inviato: mercoledì 15 gennaio 2025 17:03\n\nnon è stato recapitato ai seguenti destinatari:\n\nbo@acme.test, mercoledì 15 gennaio 2025 17:03\n    L'account di posta elettronica non esiste presso l'organizzazione cui è stato inviato il messaggio.\n    <mx.acme.test #5.1.1>",
        True,
    ),
    "exchange es": (
        "From: Administrador del sistema <postmaster@acme.test>\nSubject: No se puede entregar: Avería",
        "No se pudo entregar el mensaje a los siguientes destinatarios o grupos:\n\nbo@acme.test\nNo se encontró la dirección de correo electrónico que ha especificado.\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
        True,
    ),
    "exchange fr": (
        "From: Administrateur système <postmaster@acme.test>\nSubject: Non remis : Panne",
        "Échec de la remise pour ces destinataires ou groupes :\n\nbo@acme.test\nL'adresse de messagerie que vous avez entrée est introuvable.\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
        True,
    ),
    "exchange de": (
        "From: Systemadministrator <postmaster@acme.test>\nSubject: Unzustellbar: Störung",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:\n\nbo@acme.test\nDas Postfach des Empfängers ist voll. Die Nachricht wird nicht erneut gesendet.\n#554 5.2.2 mailbox full ##",
        False,
    ),
    "lotus": (
        "From: Postmaster@acme.test\nSubject: DELIVERY FAILURE: User bo (bo@acme.test) not listed in Domino Directory",
        "Your message\n\n  Subject: Guasto\n\nwas not delivered to:\n\n  bo@acme.test\n\nbecause:\n\n  User bo (bo@acme.test) not listed in Domino Directory",
        True,
    ),
    "lotus2": (
        "From: Mail Router <postmaster@acme.test>\nSubject: DELIVERY FAILURE: Error transferring to MX.ACME.TEST; Maximum hop count exceeded",
        "Your message\n\n  Subject: Guasto\n\nwas not delivered to:\n\n  bo@acme.test\n\nbecause:\n\n  Error transferring to MX.ACME.TEST; Maximum hop count exceeded.  Message probably in a routing loop.",
        None,
    ),
    "groupwise": (
        "From: <MAILER-DAEMON@gw.acme.test>\nSubject: Message status - undeliverable",
        "The message that you sent was undeliverable to the following:\n\tbo (user not found)\n\nPossibly truncated original message follows:",
        None,
    ),
    "groupwise2": (
        "From: Mailer-Daemon@gw.acme.test\nSubject: Mail System Error - Returned Mail",
        "The following destination addresses were unknown (please check the addresses and re-mail the message):\n\nSMTP: <bo@acme.test>",
        True,
    ),
    "yahoo": (
        "From: MAILER-DAEMON@yahoo.com\nSubject: Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<bo@yahoo.com>:\n554: delivery error: dd This user doesn't have a yahoo.com account (bo@yahoo.com) [0] - mta1.mail.yahoo.com\n\n--- Below this line is a copy of the message.",
        True,
    ),
    "aol": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@aol.com>\nSubject: Mail Delivery Problem",
        "Your mail to the following recipients could not be delivered because they are not accepting mail from portal.test:\n\tbo",
        None,
    ),
    "hotmail": (
        "From: postmaster@hotmail.com\nSubject: Delivery Status Notification (Failure)",
        "This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed.\n\n       bo@hotmail.com",
        True,
    ),
    "libero": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@libero.it>\nSubject: Mancata consegna del messaggio",
        "Il messaggio inviato al seguente destinatario non e' stato consegnato:\n\n<bo@libero.it>: 550 RCPT TO:<bo@libero.it> User unknown",
        True,
    ),
    "aruba": (
        "From: Mail Delivery System <MAILER-DAEMON@smtpdh01.aruba.it>\nSubject: Undelivered Mail Returned to Sender",
        "<bo@acme.test>: host mx.acme.test[192.0.2.1] said: 552 5.2.2 <bo@acme.test> Mailbox size limit exceeded (in reply to RCPT TO command)",
        False,
    ),
    "zimbra": (
        "From: MAILER-DAEMON@zimbra.acme.test (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender",
        "<bo@acme.test>: host zimbra.acme.test[192.0.2.1] said: 452 4.2.2 Over quota (in reply to end of DATA command)",
        False,
    ),
    "mimecast": (
        "From: postmaster@acme.test\nSubject: [Postmaster] Email Delivery Failure",
        "This is a delivery failure notification message indicating that an email you addressed to email address :\n-- bo@acme.test\n\ncould not be delivered. The problem appears to be :\n-- Recipient email server rejected the message\n\nAdditional information follows :\n-- 5.1.1 User email address does not exist",
        True,
    ),
    "barracuda": (
        "From: Barracuda <postmaster@acme.test>\nSubject: **Message you sent blocked by our bulk email filter**",
        "Your message to: bo@acme.test\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: Guasto",
        None,
    ),
    "messagelabs": (
        "From: Mail Delivery System <postmaster@messagelabs.com>\nSubject: Mail delivery failed",
        "This is the mail delivery agent at messagelabs.com.\nI was unable to deliver your message to the following addresses:\n\nbo@acme.test\n\nReason: 550 5.1.1 User unknown",
        True,
    ),
    "mdaemon": (
        "From: MDaemon at mx.acme.test <MDaemon@mx.acme.test>\nSubject: Permanent Delivery Failure",
        "The attached message had PERMANENT fatal delivery errors!\n\nFailed address: bo@acme.test\n\n--- Session Transcript ---\n<-- 550 <bo@acme.test> No such user here",
        True,
    ),
    "mercury": (
        "From: Electronic Postmaster <MAILER-DAEMON@acme.test>\nSubject: Postmaster Notify: Delivery Failure.",
        "The following mail message could not be delivered because the host it was addressed to could not be found:\n bo@acme.test",
        None,
    ),
    "imail": (
        "From: postmaster@acme.test\nSubject: Undeliverable Mail",
        "Unknown user: bo@acme.test\n\nRCPT TO generated following response:\n550 not local host acme.test, not a gateway",
        True,
    ),
    "courier": (
        'From: "Courier mail server at mx.acme.test" <MAILER-DAEMON@mx.acme.test>\nSubject: NOTICE: mail delivery status.',
        "This is a delivery status notification from mx.acme.test,\nrunning the Courier mail server, version 0.60.\n\nUNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<bo@acme.test>:\n    mail.acme.test [192.0.2.1]:\n<<< 550 User unknown.",
        True,
    ),
    "web.de": (
        "From: mailer-daemon@web.de\nSubject: Mail delivery failed: returning message to sender",
        "Diese Nachricht wurde automatisch erstellt.\n\nEine Nachricht, die Sie gesendet haben, konnte nicht an einen oder mehrere Empfänger zugestellt werden. Dies ist ein permanenter Fehler.\n\nbo@web.de\n550 Requested action not taken: mailbox unavailable",
        True,
    ),
    "tonline": (
        "From: Mail Delivery System <mailer-daemon@t-online.de>\nSubject: Unzustellbare Mail",
        "Ihre Nachricht konnte nicht zugestellt werden an:\n\nbo@t-online.de\nDas Postfach ist voll.",
        False,
    ),
    "orange": (
        "From: Mail Delivery System <MAILER-DAEMON@orange.fr>\nSubject: Undelivered Mail Returned to Sender",
        "<bo@orange.fr>: host smtp-in.orange.fr[193.252.22.65] said: 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416] (in reply to RCPT TO command)",
        True,
    ),
    "free fr": (
        "From: MAILER-DAEMON@free.fr\nSubject: Echec de distribution",
        "Votre message n'a pas pu être remis à bo@free.fr : boîte aux lettres pleine.",
        False,
    ),
    "terra es": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@terra.es>\nSubject: Correo devuelto: usuario desconocido",
        "Su mensaje no se pudo entregar a <bo@terra.es>. Usuario desconocido.",
        True,
    ),
    "no daemon sender": (
        "Return-Path: <>\nFrom: Posta <sistema@acme.test>\nSubject: Re: Guasto",
        "Destinatario bo@acme.test non trovato. 550 5.1.1",
        True,
    ),
    "spam blocked": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: Undelivered Mail Returned to Sender",
        "<bo@acme.test>: host mx.acme.test[192.0.2.1] said: 550 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org (in reply to RCPT TO command)",
        None,
    ),
    "host not found": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: Undelivered Mail Returned to Sender",
        "<bo@acme.test>: Host or domain name not found. Name service error for name=acme.test type=AAAA: Host not found",
        True,
    ),
    "expired": (
        "From: MAILER-DAEMON@mx.acme.test\nSubject: Undelivered Mail Returned to Sender",
        "<bo@acme.test>: delivery temporarily suspended: connect to mail.acme.test[192.0.2.1]:25: Connection timed out",
        False,
    ),
    "ses": (
        "From: MAILER-DAEMON@eu-west-1.amazonses.com\nSubject: Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\nbo@acme.test",
        None,
    ),
    "icloud": (
        "From: Mail Delivery System <MAILER-DAEMON@icloud.com>\nSubject: Undelivered Mail Returned to Sender",
        "<bo@icloud.com>: host mx01.mail.icloud.com said: 550 5.1.1 <bo@icloud.com>: user does not exist (in reply to RCPT TO command)",
        True,
    ),
    "ndr zh": (
        "From: Postmaster <PostMaster@qq.com>\nSubject: 系统退信/Systems bounce",
        "很抱歉,您发送的邮件被退回,以下是该邮件的相关信息: 550 User not found bo@qq.com",
        True,
    ),
    "163": (
        "From: Postmaster@163.com\nSubject: 系统退信",
        "抱歉，您的邮件被退回来了…… 收件人: bo@163.com  退信原因: User not found: bo@163.com",
        True,
    ),
    "mailru": (
        "From: mailer-daemon@corp.mail.ru\nSubject: Mail failure.",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n bo@mail.ru\nuser not found",
        True,
    ),
    "yandex": (
        "From: mailer-daemon@yandex.ru\nSubject: Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером yandex.ru.\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может\nбыть отправлено одному или нескольким адресатам.\n\n<bo@yandex.ru>: 550 5.7.1 No such user!",
        True,
    ),
    "550 no status reply": (
        "From: postmaster@acme.test\nSubject: Errore di consegna: Guasto",
        "Impossibile consegnare il messaggio a bo@acme.test: casella inesistente.",
        True,
    ),
    "full it": (
        "From: postmaster@acme.test\nSubject: Mancato recapito",
        "La casella di posta bo@acme.test ha superato la quota disponibile.",
        False,
    ),
    "tiscali": (
        "From: Mail Administrator <postmaster@tiscali.it>\nSubject: Mail System Error - Returned Mail",
        "This Message was undeliverable due to the following reason:\n\nThe following destination addresses were unknown (please check\nthe addresses and re-mail the message):\n\nSMTP <bo@tiscali.it>\n\nPlease reply to <postmaster@tiscali.it>\nif you feel this message to be in error.",
        True,
    ),
    "imss": (
        "From: InterScan MSS <postmaster@acme.test>\nSubject: Mail could not be delivered",
        "****** Message from InterScan Messaging Security Suite ******\n\nSent <<< RCPT TO:<bo@acme.test>\nReceived >>> 550 5.1.1 <bo@acme.test>... User unknown\n\nUnable to deliver message to <bo@acme.test>.",
        True,
    ),
    "google groups": (
        "From: Mail Delivery Subsystem <mailer-daemon@google.com>\nSubject: Delivery Status Notification (Failure)",
        "We're writing to let you know that the group you tried to contact (noc) may not exist, or you may not have permission to post messages to the group.",
        None,
    ),
}  # fmt: skip
"""Headers, text, and whether the address failed for good (None: nobody can tell)."""
