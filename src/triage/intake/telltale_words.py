"""The vocabulary of `intake.telltales`: what automated and settled mail says, in seven languages.

All patterns are written as `telltales` prepares a text: lower case, no accents ("ß" is "ss"),
straight apostrophes, single blanks. English, German, French, Spanish, Dutch, Italian, Portuguese.
"""

from __future__ import annotations

import re


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, as whole words ("eu-west" holds no Portuguese "eu")."""
    return re.compile(r"(?<![\w-])(?:" + "|".join(alternatives) + r")(?![\w-])", re.MULTILINE)


FIRST_PERSON = _words(
    r"i|i'm|i've|i'll|i'd|me|my|mine",
    r"ich|mir|mich|mein\w{0,2}",
    r"je|j'\w+|m'\w+|mon|ma|mes",
    r"yo|mi|mis|conmigo|he|tengo|quiero|necesito",
    r"ik|mij|mijn",
    r"mio|mia|miei|ho|sono|vorrei",
    r"eu|meu|minha|meus|minhas|comigo|tenho|quero|preciso",
)
FORM = re.compile(
    r"contact form|web form|enquiry form|inquiry form|kontaktformular|formulaire de contact"
    r"|formulario de contacto|contactformulier|modulo di contatto|formulario de contato"
    r"|^(?:your )?(?:message|comments?|enquiry|question|nachricht|mensaje|messaggio|mensagem|bericht) ?:",
    re.MULTILINE,
)

END_OF_MARK = r"(?= ?(?:$|[:.(\[/]|re\b|aw\b))"  # "Out of office - how do I set it" is a question
AUTO_REPLY_SUBJECT = re.compile(
    r"\W{0,3}(?:"
    r"automatic (?:reply|response)|auto[ -]?(?:reply|response|responder)|autoreply"
    r"|out of (?:the )?office(?: reply)?|out-of-office|ooo"
    r"|abwesenheits(?:notiz|assistent|meldung|nachricht)|automatische (?:antwort|ruckantwort)"
    r"|reponse automatique|message d'absence|absence du bureau"
    r"|respuesta automatica|fuera de (?:la )?oficina"
    r"|automatisch antwoord|automatische (?:reactie|beantwoording)|afwezigheids(?:assistent|bericht"
    r"|melding)"
    r"|risposta automatica|fuori (?:sede|ufficio)|resposta automatica|fora do escritorio"
    r")" + END_OF_MARK
)
AWAY_SUBJECT = re.compile(
    r"\W{0,3}(?:abwesen\w*|absen[ct]e?\w*|ausencia|ausente|afwezig\w*|assen[tz]\w*|away|on leave|auto)"
    + END_OF_MARK
)
AWAY = _words(
    r"(?:i am|i'm|i will be|i'll be) (?:currently )?(?:out of (?:the )?office|away from (?:my"
    r"|the) (?:desk|office))",
    r"(?:on|from) (?:\w+ )?(?:annual|maternity|paternity|parental|compassionate|sick) leave",
    r"no longer work(?:ing)? (?:at|for|with)|finished up at|have left",
    r"our offices? (?:is|are|will be) closed",
    r"(?:bin|befinde mich) (?:\S+ ){0,8}(?:nicht im (?:buro|haus)|im urlaub|ausser haus|in elternzeit)",
    r"(?:je suis|je serai|serai) (?:actuellement )?(?:absente?|en conge\w*)|nos bureaux (?:sont"
    r"|seront) fermes",
    r"(?:estoy|estare|me encuentro) (?:\w+ )?(?:de vacaciones|fuera de la oficina|de baja|ausente)",
    r"(?:ben ik|ik ben) (?:\S+ ){0,6}(?:afwezig|niet (?:op kantoor|aanwezig)|met \w*verlof|op vakantie)",
    r"(?:saro|sono|sara) (?:\w+ ){0,2}(?:assente|fuori (?:sede|ufficio)|in ferie)",
    r"(?:estou|estarei) (?:\w+ ){0,2}(?:ausente|de ferias|de licenca\S*|fora do escritorio)",
)
UNREAD = _words(
    r"(?:no|limited|without|intermittent) access to (?:my |e-?)?(?:e-?mails?|inbox|mail)",
    r"(?:not|n't) be (?:checking|reading|monitoring) (?:my )?(?:e-?mails?|mail|inbox)",
    r"(?:mailbox|inbox|address) is (?:no longer|not) (?:read|monitored|in use|attended)",
    r"message (?:will not be|has not been) forwarded",
    r"lese (?:\w+ )?keine e-?mails|nicht weitergeleitet|kein\w* zugriff auf (?:\w+ )?e-?mails?",
    r"(?:sans acces a|ne consulterai pas|ne lirai pas) (?:mes|ma|mon) \w+|ne (?:sera|seront"
    r"|sont) pas (?:transferes?|lus?)",
    r"sin acceso a(?:l| mi)? (?:correo|e-?mail)|no (?:leere|revisare) (?:el|mi) correo",
    r"niet (?:gelezen|doorgestuurd)|geen toegang tot (?:mijn )?e-?mail",
    r"(?:non leggero|non avro accesso) (?:alle? )?(?:e-?mail|posta)|non (?:saranno|verranno) (?:lett"
    r"|inoltrat)\w",
    r"nao (?:serao|sera) (?:lidas?|encaminhadas?)|sem acesso ao e-?mail",
)

FAILURE_SUBJECT = re.compile(
    r"\W{0,3}(?:undelivered mail|undeliverable|undeliver(?:ed|able) message|returned mail"
    r"|mail delivery (?:failed|failure|system)"
    r"|delivery (?:status notification|failure|has failed)|failure notice|mail system error|mailbox full"
    r"|message (?:undeliverable|not delivered|delayed)"
    r"|undelivered(?: ?:|$)|mail delivery (?:delayed|subsystem)|delivery (?:abandoned|delayed)"
    r"|unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|non remis|echec de (?:la )?remise"
    r"|message non (?:remis|distribue)"
    r"|no se (?:pudo|puede) entregar|correo (?:devuelto|no entregado)|onbestelbaar"
    r"|niet (?:(?:af)?geleverd|bezorgd)|mancat[oa] (?:recapito|consegna)|impossibile recapitare"
    r"|nao entregue|falha na entrega)"
)
FAILURE_BODY = re.compile(
    r"this is the mail system at host|delivery has failed to these recipients"
    r"|could(?: not|n't) be delivered|was(?: not|n't) delivered because|failed permanently"
    r"|permanent fatal error"
    r"|has been delayed|delivery status notification|recipient's mailbox is (?:full|over quota)"
    r"|mailbox unavailable|address (?:could not|couldn't) be found|rejected your message"
    r"|permanent (?:delivery )?error|(?:waiting|sitting) (?:in \w+ queue )?for \d+ (?:hours|days)"
    r"|(?:tried for|in our queue for) \w+ (?:hours|days)|no such (?:user|recipient)"
    r"|nicht zugestellt werden|konnte nicht zugestellt|n'a pas pu etre (?:remis|distribue)"
    r"|no se pudo entregar|no ha podido ser entregado|no fue entregado"
    r"|kon niet worden (?:bezorgd|afgeleverd)|(?:definitief|permanent) mislukt|in de wachtrij"
    r"|non e stato (?:consegnato|recapitato|possibile recapitare)|impossibile recapitare"
    r"|consegna non e riuscita"
    r"|nao p[ou]de ser entregue"
)
STATUS_CODE = re.compile(r"(?<![\d.])[45]\d\d[ -]#?[45]\.\d{1,2}\.\d{1,2}(?![\d.])|\([45]\.\d\.\d\)")

ACKNOWLEDGEMENT = _words(
    r"please type your reply above this line",
    r"(?:this is|is) an automatic (?:acknowledg\w+|confirmation|response)",
    r"(?:request|enquiry|ticket|message) (?:\S+ )?has been received and is being reviewed",
    r"dies ist eine automatische (?:eingangs)?bestatigung|accuse de reception automatique",
    r"acuse de recibo automatico|este acuse no implica|automatische ontvangstbevestiging",
    r"conferma automatica di ricezione|confirmacao automatica de rececao",
)
CALENDAR_SUBJECT = re.compile(
    r"(?:accepted|declined|tentative(?:ly accepted)?|zugesagt|abgelehnt|mit vorbehalt|accepte|refuse"
    r"|provisoire"
    r"|aceptado|rechazado|geaccepteerd|geweigerd|accettato|rifiutato|aceite|aceito|recusado) ?:"
)
CALENDAR_BODY = re.compile(
    r"has (?:accepted|declined|tentatively accepted) this|^(?:when|wann|quand|cuando|wanneer|quando) ?:|^$"
    r"|(?:einladung|invitation|invitacion|uitnodiging|invito|convite)",
    re.MULTILINE,
)
READ_SUBJECT = re.compile(r"(?:read|gelesen|lu|leido|gelezen|letto|lida|not read|ungelesen geloscht) ?:")
READ_BODY = _words(
    r"was read on|was deleted without being read|wurde (?:am .{0,40} )?gelesen|a ete lu|fue leido"
    r"|ha sido leido",
    r"is gelezen|e stato letto|foi lida",
)

ALERT = re.compile(
    r"^\W{0,5}(?:\[?(?:firing|alerts?|critical|problem|resolved|recovery|warning|alarm|incident|nagios"
    r"|sentry|zabbix"
    r"|status|grafana|backup|scheduled report|uptime|waarschuwing|warnung|alerte|alarme)(?::\d+)?\b)"
    r"|\b(?:is (?:critical|warning|down)|service alert|backup (?:job|report|completed|failed)"
    r"|certificate expiry)\b"
    r"|\bnightly\b|\balert (?:open|closed)\b",
)
MACHINE_FIELD = re.compile(
    r"^\W{0,4}(?:host|hostname|service|severity|state|status|check|job|result|monitor|instance|sensor"
    r"|region|mount"
    r"|condition|trigger|duration|started?|ended|opened|closed|notification type|additional info"
    r"|date/time|address"
    r"|last output|info|when|previous state|down for|reason of failure|checked from|threshold|used"
    r"|runbook|errors?"
    r"|objects processed|processed|size|retention|alert|summary|issuer|next attempt|auto-renewal"
    r"|severidad|estado"
    r"|tijdstip|zeitpunkt|dienst) ?(?::|=|\d)",
    re.MULTILINE,
)

MACHINE = _words(
    r"this (?:is an automat(?:ic|ed|ically generated)|(?:e-?mail|message|notice) (?:is|was) (?:sent"
    r"|created|generated) automatically)"
    r"|this message was created automatically|sent automatically by|(?:system|automatically)[ -]generated",
    r"(?:please )?do not (?:reply|respond) to this (?:e-?mail|message)|replies are (?:discarded|not read)"
    r"|(?:mailbox|inbox|address) is (?:no longer|not) (?:read|monitored|attended)",
    r"auto reply|automatic(?: notification| message)?, (?:please )?(?:do not|don't) (?:answer|reply)",
    r"(?:please )?(?:do not|don't) (?:reply|respond|answer) to this (?:address|mailbox)"
    r"|generated by (?:the )?(?:\w+ ){0,2}system|nobody reads replies|needs no answer",
    r"automatisch (?:erzeugte?|erstellte?|generierte?)|maschinell erstellt"
    r"|(?:nachricht|e-?mail|mitteilung|einladung|rundschreiben) (?:ist|wurde|wird) automati\w+"
    r" (?:versendet|versandt|verschickt|erzeugt|erstellt)|automatischer versand"
    r"|(?<=[.,!] )automatische (?:nachricht|mail)(?=[.,]|$)"
    r"|antworten (?:an|auf) diese \w+ werden nicht gelesen"
    r"|antworten sie (?:bitte )?nicht auf diese",
    r"(?:message|courriel|e-?mail) (?:genere )?automatique\w*|merci de ne pas repondre"
    r"|ne pas repondre a ce|(?:message|courriel|recu|e-?mail) est (?:genere|envoye) automatiquement"
    r"|notification generee par|aucune reponse n'est attendue a ce",
    r"(?:mensaje|correo) (?:generado )?automatic\w+|no (?:responda|respondas|conteste) a este"
    r"|(?:mensaje|correo) se (?:genero|envio) (?:solo|automaticamente)",
    r"automatisch (?:gegenereerd|verzonden|aangemaakt)|niet (?:op )?(?:antwoorden|beantwoorden)"
    r"|kunt u niet beantwoorden|dit is een (?:geautomatiseerd|automatisch) bericht"
    r"|(?<=[.,!] )automatisch bericht(?=[.,]|$)",
    r"(?:messaggio|e-?mail) (?:generat\w )?automatic\w+|non rispondere a quest\w"
    r"|si prega di non rispondere|messaggio generato dal sistema|questo e un avviso automatico",
    r"(?:mensagem|e-?mail) (?:e )?(?:gerad\w )?automatic\w+|gerad[oa] automaticamente"
    r"|nao respond\w+ a est\w|este e um aviso automatico|notificacao gerada por",
)

UNSUBSCRIBE = re.compile(
    r"(?:click|here to|you can|to) unsubscribe|unsubscribe(?: here| at any time|\s*$| ?[|:.])"
    r"|^unsubscribe|[|•·] ?unsubscribe"
    r"|view (?:this e-?mail )?in (?:your )?browser|read online"
    r"|manage (?:your )?(?:e-?mail )?(?:preferences|notification)"
    r"|to stop receiving these|change frequency|notification settings|if not interest"
    r"|(?:^|[|•·] ?)abmelden\b|newsletter abbestellen|hier abmelden|im browser (?:ansehen|anzeigen)"
    r"|se desabonner|se desinscrire|desabonnez|voir (?:la version|dans le navigateur)|ne plus recevoir"
    r"|manage your e-?mails? here|vous desabonner|pour ne plus nous lire|zum abbestellen|jederzeit abmelden"
    r"|abmelden jederzeit|von diesem verteiler austragen|uitschrijven kan|date de baja|no recibir mas"
    r"|deixar de receber|descadastre-se"
    r"|darse de baja|cancelar (?:la )?suscripcion|ver en el navegador|afmelden\b|meld je hier af"
    r"|geen berichten meer ontvangen"
    r"|bekijk (?:online|in je browser)|disiscriv\w+|cancellati|per non ricevere piu"
    r"|descadastrar|cancelar (?:a )?(?:inscricao|subscricao)|remover (?:o )?seu e-?mail",
    re.MULTILINE,
)
BECAUSE = re.compile(
    r"you (?:are receiving|receive|received|get|'re receiving|'re getting) (?:this|these|it"
    r"|notifications?)\b.{0,40}\bbecause"
    r"|you are subscribed to|because you (?:subscribed|signed up|are (?:on|listed|subscribed))"
    r"|sie erhalten diese (?:e-?mail|nachricht), weil|vous recevez (?:ce|cet) (?:message|e-?mail|courriel)"
    r"|recibe(?:s)? este (?:correo|mensaje|e-?mail) porque|(?:je|u) ontvangt deze (?:e-?mail|mail"
    r"|nieuwsbrief)"
    r"|(?:hai|ha) ricevuto quest\w (?:e-?mail|messaggio) perch|(?:voce )?recebe(?:u)? este (?:e-?mail"
    r"|mensagem) p"
)
ISSUE = re.compile(
    r"in this (?:week's |month's )?(?:issue|edition|round-up|month's)|\bissue (?:no\.? ?)?\d"
    r"|newsletter|\bbulletin\b|\bdigest\b|this month:"
    r"|\bwebinar\b|in dieser ausgabe|au sommaire|infolettre|en este numero|in dit nummer|nieuwsbrief"
    r"|in questo numero"
    r"|nesta edicao"
)
OFFER = re.compile(
    r"\d\d ?% (?:off|rabatt|korting|de descuento|de desconto|di sconto)|-\d\d ?%|up to \d\d ?%"
    r"|\bfree (?:delivery|\d+-minute)|\bcode [a-z]+\d+"
    r"|shop (?:now|the)|last chance|register (?:here|now)|book (?:now|early)"
)

RECEIPT_SUBJECT = re.compile(
    r"\breceipt\b|payment (?:received|confirmation)|\border\b.{0,40}\b(?:dispatched|shipped"
    r"|confirm\w+)|^invoice|^statement of account"
    r"|\bpayout\b|\btoken purchase|zahlungseingang|versandanzeige|\bbeleg\b|bestellbestatigung"
    r"|recu de paiement|votre colis"
    r"|confirmation de (?:commande|paiement)|recibo de pag|pedido va en camino|aviso de (?:cargo|pago)"
    r"|\b(?:kassa)?bon\b.*\d"
    r"|orderbevestiging|betalingsbevestiging|ricevuta|conferma (?:d'ordine|di pagamento)|comprovante"
    r"|fatura-recibo|^accepted quote"
)
RECEIPT_BODY = re.compile(
    r"no action (?:is )?(?:needed|required)|keep this (?:receipt|e-?mail)|retain for your records"
    r"|for your records"
    r"|we(?:'ve| have) received your|has been (?:received|initiated)|amount (?:paid|charged)?:?"
    r"|total paid|transaction id"
    r"|thank you for (?:your (?:order|payment|business)|buying)|paid by (?:card|standing order"
    r"|direct debit)|on its way|your payout"
    r"|nothing overdue|vielen dank fur ihre (?:zahlung|bestellung)|betrag:"
    r"|haben heute unser lager verlassen|merci (?:pour|de) votre (?:commande|paiement)"
    r"|a ete (?:livre|depose)|gracias por su (?:compra|pago)|no necesitas hacer nada"
    r"|no requiere respuesta|bedankt voor (?:je|uw) (?:aankoop|bestelling)"
    r"|bewaar deze bon|grazie per (?:il|l') ?(?:ordine|acquisto|pagamento)|confirmamos a boa rececao"
    r"|nao e preciso fazer nada"
)

PITCH = (
    re.compile(r"quick (?:question|one|win)s?\b|\bfollowing up on my last|did you get my last"),
    re.compile(
        r"(?:noticed|looking at|browsing|on|visited|audite|besuch) (?:\w+ ){0,3}(?:your|votre"
        r"|ihrer) (?:\w+ )?(?:web-?)?(?:site|seite|website)|"
        r"i (?:just )?noticed (?:you|your)|came across your (?:company|profile)"
    ),
    re.compile(
        r"\b(?:1[05]|20|30)[ -]?min(?:ute)?s?\b.{0,30}\b(?:chat|demo|audit|look|call|diary|consult)"
        r"|free (?:\S+ )?(?:audit|quote|consultation|demo)"
        r"|mins in your diary|book a demo|audits? gratuit|auditoria gratuita|kostenlose\w* (?:analyse"
        r"|audit|beratung)"
    ),
    re.compile(
        r"(?:page|seite|platz|pagina) (?:1|one)\b|first page guaranteed|\bseo\b"
        r"|your (?:search )?ranking|your competitors?|vos concurrents|presencia en google"
    ),
    re.compile(
        r"(?:we|our \w+(?: \w+)?)(?:'ve| have)? ?(?:help(?:ed|s)?|work with) (?:\S+ ){0,3}(?:\d+"
        r"|companies|brands|leaders|teams|lenders|carriers)"
        r"|(?:more|double|triple) (?:\w+ )?leads\b|leads a month|\d+\+? (?:companies|lenders|brands"
        r"|telecoms)|ha ayudado a mas de"
    ),
    re.compile(
        r"\bmoq\b|factory (?:price|direct)|we are (?:a )?(?:professional )?(?:manufacturer|factory)"
        r"|price list attach"
    ),
    re.compile(
        r"not the right person|reply (?:yes|\"?no\b|\"no)|close your file|stop bumping"
        r"|worth a (?:quick )?(?:chat|look|call)"
    ),
    re.compile(
        r"would (?:you be (?:open|against)|a \d+|tuesday|it be worth)|when(?:'s| is) good for a call"
        r"|how does (?:monday|tuesday|wednesday|thursday|friday)"
        r"|open to a|wann darf ich sie|puedo agendar|le queda bien el|posso te apresentar|can i pop by"
    ),
    re.compile(
        r"dear (?:sir/madam )?(?:purchasing manager|website owner|director|sir/madam|colleague"
        r"|energy team)|hello (?:website owner|sir/madam)"
        r"|(?:estimado|prezado|gentile|sehr geehrter) (?:director|gestor|titolare|geschaftsfuhrer)"
    ),
    re.compile(
        r"immediately available|cvs? attached|fully vetted|rates from|from \$?\d+ (?:la hora|an hour)"
        r"|price start"
    ),
    re.compile(
        r"\b(?:losing|perdiendo|perd|verlieren) (?:\w+ ){0,4}(?:customers|money|clients|dinero|jobs"
        r"|traffic|kunden)"
    ),
    re.compile(
        r"\d{2,3} ?% (?:less|off|in|of billing)|cut \w+ by \d+ ?%|by (?:up to )?\d+ ?%|(?:en|im|of) \d+ ?%"
    ),
)
PHISHING = (
    re.compile(
        r"dear (?:valued )?(?:user|customer|merchant|beneficiary|client|sir|\S+@\S+)\b|^attention",
        re.MULTILINE,
    ),
    re.compile(
        r"verify (?:your|my|the) (?:\w+ )?(?:mailbox|password|account|identity|e-?mail)|reconfirm your"
    ),
    re.compile(
        r"failure to (?:re-?confirm|verify|comply|pay|complete)|(?:keep|verify) (?:same"
        r"|my) (?:password|mailbox)"
    ),
    re.compile(
        r"(?:password|mailbox|storage|account|domain) (?:\w+ ){0,3}(?:expires?|overdue|terminated"
        r"|suspended)"
    ),
    re.compile(r"suspended|terminated|termination|permanent(?:ly)? (?:closure|killed)|cancellation of this"),
    re.compile(r"within (?:12|24|48|72) hours|act immediately"),
    re.compile(r"to avoid|legal (?:action|prosecution)|loss of (?:all )?data|damage to your credit"),
    re.compile(r"\b(?:bitcoin|gift cards?|usd|sum of)\b"),
    re.compile(
        r"you have been selected|beneficiary|compensation board|domain (?:listing|registry|registration)"
    ),
)

# --------------------------------------------------------------------------- settled matters

CLOSED = _words(
    r"(?:please|you can|can|pls) (?:just )?(?:close|cancel) (?:it|this|the (?:ticket|case|complaint"
    r"|matter)|my (?:ticket|case))(?: one)?",
    r"(?:consider )?(?:the |this )?matter (?:is )?closed",
    r"no need to (?:reply|respond|answer|call|do anything|look into it)|no (?:answer|reply"
    r"|response) (?:is )?(?:needed|necessary|expected|required)",
    r"(?:nothing|no) (?:\w+ )?(?:else|more|further)?(?: \w+)? ?(?:needed|required)"
    r"|nothing (?:else )?needed|no further (?:help|action) (?:is )?needed",
    r"all (?:sorted|good|done|working|fine)(?: now)?|sorted now|panic over|working (?:fine "
    r"|again )?now|it's back",
    r"(?:that|this)(?:'s| has)? (?:worked(?=[,.!]|$)|fixed it|did the trick|solved it|sorted it)|(?:we"
    r"|i) (?:have )?solved (?:it|the problem)",
    r"(?:(?:please|pls|kindly|you can|just) |(?<=[.!] )|^)ignore my (?:\w+ )?(?:mails?|e-?mails?|messages?)"
    r"|that's the end of it"
    r"|no need for (?:anybody|anyone|you) to (?:reply|answer|write)|needn't (?:reply|write|answer)"
    r"|nothing (?:more|else) (?:wanted|to do from your side)|all settled",
    r"hat sich erledigt|ist erledigt|alles (?:gut|in ordnung|erledigt|bestens)|keine antwort notig"
    r"|(?:musst|mussen sie|brauchen sie|braucht) (?:mir )?nicht (?:mehr )?(?:zu )?antworten"
    r"|(?:konnen|konnt) (?:es|das|den fall|das ticket) schliessen",
    r"(?:vous )?pouvez (?:classer|cloturer|fermer)|(?:tout est|c'est) (?:regle|rentre dans l'ordre"
    r"|resolu|arrive)|rien besoin de plus|pas besoin de repondre|rien d'autre a vous demander",
    r"(?:pueden|podeis|puede) cerrar|cierren el (?:caso|ticket)|doy por cerrado|nada que responder"
    r"|no (?:hace falta|es necesario) que (?:\w+ )?(?:contest|respond)\w+"
    r"|(?:ya )?(?:esta|quedo) (?:todo )?(?:solucionado|resuelto|arreglado)|ya quedo",
    r"(?:is|voor mij is het) (?:afgesloten|opgelost|geregeld|in orde)|(?:mag|moogt|kunt|kan) (?:je "
    r"|u )?(?:het |dit )?(?:ticket )?(?:sluiten|afsluiten)|hoeft niet (?:meer )?te (?:antwoorden"
    r"|reageren)",
    r"tutto (?:a posto|risolto)|(?:chiudete|potete chiudere|puo chiudere)(?: pure)?"
    r"|potete archiviare|non (?:serve|occorre|c'e bisogno di) rispondere|non occorre altro|(?:e )?tutto ok",
    r"(?:pode|podem) (?:fechar|encerrar)|(?:esta|ficou) (?:tudo )?(?:resolvido|certo|ok)"
    r"|nao (?:e )?precis[ao] (?:de )?responder(?:em)?",
)
THANKS = _words(
    r"thanks?|thank (?:you|u)|thankyou\w*|thank youuu*|thnx|thx|ta very much|cheers"
    r"|danke|vielen dank|merci|gracias|bedankt|hartelijk dank"
    r"|dank (?:je|u)|grazie|obrigad[oa]"
)
REQUEST = _words(
    r"please|pls|can|could|would|will you|need|want|waiting|when|how|where|why|let me know if|send"
    r"|refund|help(?: me)?|call|ring",
    r"bitte|konnen|konnten|wann|wie|wo|warum|brauche|warte|senden|hilfe",
    r"pouvez|pourriez|pourrais|quand|comment|pourquoi|attends?|besoin|envoy\w+|merci de|merci d'avance|svp",
    r"puede|podria|pueden|cuando|como|donde|necesito|espero|favor|gracias de antemano|envi\w+",
    r"kunt|kunnen|kan|zou|wanneer|hoe|waar|graag|wacht|alvast|stuur\w*",
    r"puo|potete|potrebbe|potreste|quando|come|dove|vorrei|aspetto|attendo|per favore|anticipo",
    r"pode|podem|poderia|como|onde|preciso|aguardo|antecipad\w+|enviar",
    r"thanks in advance|danke im voraus|vielen dank im voraus",
)
RESOLVED = _words(
    r"arrived|came|received|got it|works?|working|fixed|sorted|in|perfect|great|lovely|brilliant|found"
    r"|that's fine|that did it|case closed"
    r"|(?:is|are|was|been|all|problem|matter|issue)(?: now| all)? (?:solved|resolved|settled)",
    r"angekommen|da|erhalten|funktioniert|geklappt|klappt|perfekt|super|prima|passt",
    r"arrivee?|recue?|remarche|marche|fonctionne|parfait|super|impeccable|reglee?",
    r"llego|recibid[oa]|recibio|funciona|perfecto|genial|arreglado|ya esta(?=[,.!]|$)|solucionado",
    r"aangekomen|ontvangen|werkt|doet het|perfect|gelukt|top",
    r"arrivat[oa]|ricevut[oa]|funziona|perfetto|ottimo|risolto",
    r"chegou|recebid[oa]|recebi|funciona|perfeito|otimo|resolvido",
)
NEGATION = _words(
    r"not|no(?! worries| problem)|never|nothing|none|\w+n't|missing|wrong|broken|sixth|fifth"
    r"|(?<!it works )(?<!is working )(?<!it's working )again"
    r"|fourth|third",
    r"nicht|kein\w*|nie|falsch|fehlt|pas|jamais|rien|aucune?|nunca|nada|niet|geen|nooit|non|mai|niente|nao",
)
TROUBLE = _words(
    r"leak\w*|crack\w*|broke\w*|damag\w*|smell\w*|burn\w*|smok\w*|spark\w*|empty|stopp?(?:s|ed)|dead|died|cold"
    r"|hurt\w*|bleed\w*|charged|twice|double|court|lawyer|left|off|late|refus\w*|wait\w*",
    r"leer\w*|kaputt\w*|undicht|tropft|stinkt|riecht|brennt|raucht|doppelt|kalt|defekt\w*",
    r"casse\w*|fuit|fuite|vide|brule|froid|double|panne",
    r"rot[oa]s?|vaci[oa]|huele|goteando|gotea|fuga|quema|fri[oa]|doble|averiad\w+",
    r"kapot\w*|lekt?|lekkage|leeg|ruikt|brandt|koud|dubbel|stuk",
    r"rott[oi]|rotta|vuot[oa]|perde|puzza|brucia|fredd[oa]|doppio|guast\w+",
    r"partid[oa]|avari\w+|vazi[oa]|cheira|queima|fri[oa]|dobro",
)
COURTESY = _words(
    r"so|very|much|a|lot|many|for|your|the|kind|quick|fast|prompt|help|support|answer|reply|service|everything"
    r"|again|best|regards|wishes|have|nice|great|good|day|ok|okay|yes|all|team|you|x+|both|indeed|really",
    r"vielen|herzlichen|lieben|besten|schonen?|fur|ihre|eure|die|den|schnelle|prompte|hilfe|antwort|alles|liebe"
    r"|viele|grusse|gruss|tag|ihnen|euch|sehr|nochmals?",
    r"beaucoup|bien|pour|votre|vos|aide|reponse|rapide|tout|toute|l'equipe|bonne|journee|a|vous|infiniment|mille"
    r"|encore|cordialement",
    r"muchas|muchisimas|mil|por|su|tu|ayuda|todo|saludos|un|al|el|equipo|la|respuesta|rapida",
    r"heel|erg|hartelijk|voor|uw|je|jullie|de|snelle|hulp|reactie|groeten|groet|wel",
    r"mille|tante|per|il|vostro|l'aiuto|aiuto|risposta|saluti",
    r"muito|muita|pela|ajuda|resposta|todos|abraco|cumprimentos|a",
)
OPEN_MATTER = re.compile(
    r"\?|\bthank\w*(?: you| u)? for (?!sorting|helping|letting|getting|fixing|coming|closing|being"
    r"|taking|replying"
    r"|responding|sending|looking|solving|resolving|writing|everything|contacting|updating|confirming"
    r"|calling"
    r"|ringing|dealing|making|changing|refunding|doing)\w+ing\b"
    r"|\b(?:fail\w*|break\w*|broke\w*|worse\w*|ignor(?:ing|ed|es))\b|\b(?:but|however|although|though"
    r"|except|only (?:other )?thing|one (?:more|last|other) thing|another|also need|still"
    r"|unfortunately|disappoint\w*|unacceptable|refuse|disgust\w*|ridiculous|joke|lawyer|solicitor"
    r"|ombudsman|chargeback"
    r"|thanks for nothing|no thanks|could (?:you|someone)|would you|can (?:you|someone|i)"
    r"|let me know (?:\w+ )?(?:if|when|how|what|where|which|whether)"
    r"|please (?!close|ignore|pass|cancel|thank|tell|do not|don't|bin)|as long as|unless|until|hope"
    r"|if (?:it|this|you|not)|next time|again!|by (?:monday|tuesday|wednesday|thursday|friday"
    r"|tomorrow)"
    r"|aber|jedoch|allerdings|trotzdem|leider|noch (?:nicht|immer|eine)|ausser dass|anwalt|sonst|falls"
    r"|mais|cependant|toutefois|par contre|encore|malheureusement|avocat|sauf|sinon"
    r"|pero|sin embargo|aunque|todavia|aun|lamentablemente|abogado|salvo|sino"
    r"|maar|echter|helaas|nog (?:niet|steeds|een)|advocaat|behalve|anders"
    r"|ma|pero|tuttavia|purtroppo|ancora|avvocato|tranne|altrimenti"
    r"|mas|porem|contudo|infelizmente|ainda|advogado|exceto|senao)\b"
)
