"""The words and places around a telephone number, in seven languages (pure).

`label` says what the words just before a number call it; `rank` whether the number is the
writer's own. English, German, French, Spanish, Dutch, Italian, Portuguese.
"""

from __future__ import annotations

import re

PHONE, MOBILE, OFFICE, FAX, REFERENCE = "phone", "mobile", "office", "fax", "reference"

MINE = 4
"""The rank of a number that the writer asks to be rung at."""

CONTEXT = 120
"""Characters before a number that can tell whose it is: a sentence, hardly more."""


def label(before: str) -> str:
    """What the nearest label before a number calls it: phone, mobile, office, fax, reference or ""."""
    nearest, found = -1, ""
    window = before[-40:].lower()
    for kind, pattern in _LABELS:
        for match in pattern.finditer(window):
            if match.end() >= nearest:  # "order number" ends where "number" does: the later list wins
                nearest, found = match.end(), kind
    if letter := _LETTER.search(window):
        return _LETTERS[letter[1]]
    # A label reaches over a few words ("mobile number is"), not over another number.
    return "" if re.search(r"\d{3}", window[nearest:]) else found


def rank(before: str, after: str, *, alone: bool) -> int:
    """How surely a number is the writer's own and good to ring.

    4 "call me on", 3 a mobile, 2 a plain number, 1 an office line, 0 not theirs or no voice.
    `alone`: it stands by itself on its line or in a signature, where it needs no words. So does
    one that is a sentence or an apposition of its own ("I am at home all day, 01632 960001.").
    """
    before, after = before[-CONTEXT:].lower(), after[:20].lower()
    kind = label(before)
    if kind == FAX or _FAX_AFTER.match(after):
        return 0
    sentence = _SENTENCE.split(before)[-1]
    apart = len(sentence.strip()) <= 25 or sentence.rstrip().endswith((",", ":", "-", "–"))
    alone = alone or (apart and after.strip()[:1] in ("", ".", ",", "!", "?", ";"))
    mine = max((m.end() for m in _MINE.finditer(sentence)), default=-1)
    other = max((m.end() for m in _OTHERS.finditer(sentence)), default=-1)
    if other > mine:
        return 0
    if mine >= 0:
        return MINE
    if kind == MOBILE:
        return 3
    if kind == OFFICE:
        return 1
    return 2 if kind == PHONE or alone else 0


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(alternatives) + r")(?!\w)")


_LABELS = (
    (
        PHONE,
        _words(
            r"tel|tel\.|telephone|telefone|telefono|teléfono|telefon|telefoon|téléphone|tél|tlf|phone"
            r"|ph|t|p|d",
            r"direct|durchwahl|home|landline|festnetz|fixe|fijo|vast|fisso|fixo|house telephone|private?",
            r"number|nummer|numéro|número|numero|rufnummer|rückruf\w*|callback",
            r"call|ring|reach|phone me|anrufen|erreichbar|erreichen|joindre|rappeler|llamar\w*|bellen"
            r"|bereikbaar"
            r"|chiamar\w*|ligar|contact",
        ),
    ),
    (
        MOBILE,
        _words(
            r"mobile|mob|mob\.|cell|cellphone|handy|mobil|mobilnummer|portable|móvil|movil|celular|cel"
            r"|mobiel|gsm|06-nummer|cellulare|cell\.|telemóvel|telemovel|whatsapp"
        ),
    ),
    (
        OFFICE,
        _words(
            r"office|box office|switchboard|reception|main|work|büro|zentrale|bureau|standard|oficina"
            r"|centralita"
            r"|kantoor|centrale|ufficio|centralino|escritório|toll[- ]?free|freephone"
        ),
    ),
    (FAX, _words(r"fax|telefax|télécopie|facsimile|fx")),
    (
        REFERENCE,
        _words(
            r"(?:orders?|ref|ref\.|reference|account|acct|a/c|invoice|ticket|case|booking|policy"
            r"|barcode|tracking|parcel"
            r"|customer|member|card|serial|meter|token|job|claim|vat|passport|licence"
            r"|batch)(?: (?:number|no\.?|nr\.?|id))?",
            r"isbn|imei|no\.|nr\.|id|sort code|iban|sku|protocolo",
            r"bestell\w*|auftrag\w*|rechnung\w*|kunden\w*|vorgang\w*|sendung\w*|vertrag\w*|konto\w*"
            r"|zähler\w*|aktenzeichen",
            r"commande|facture|dossier|référence|compte|colis|contrat|siret|pedido|factura|referencia"
            r"|cuenta|contrato|soci[oa]",
            r"bestelling|factuur|klantnummer|dossiernummer|rekening|zending|ordine|fattura|pratica"
            r"|conto|contratto"
            r"|encomenda|fatura|processo|conta|nif|cpf|cnpj",
            r"ordernummer|bestelnummer|numéro de (?:commande|client|dossier|compte)"
            r"|número de (?:pedido|cliente|cuenta|conta)"
            r"|numero (?:d'ordine|cliente)",
        ),
    ),
)

# Signatures shorten labels to a letter, which counts only directly before the number.
_LETTERS = {"t": PHONE, "p": PHONE, "d": PHONE, "m": MOBILE, "c": MOBILE, "o": OFFICE, "w": OFFICE, "f": FAX}
_LETTER = re.compile(r"(?:^|[\s|,;(])([tpdmcowf])[:.)]? ?$")
_FAX_AFTER = re.compile(r"\W{0,3}\(?(?:tele)?fax\)?\W*$")
_SENTENCE = re.compile(r"[.!?;|] +|\|")

_MINE = _words(
    r"(?:call|ring|phone|reach|contact|text|try|get|telephone) (?:me|us)(?: back)?"
    r"|my (?:\w+ ){0,3}(?:number|mobile|cell|phone|tel\w*|line)"
    r"|me (?:back )?(?:on|at)|i(?:'m| am) (?:on|at|reachable)|callback (?:number)?|(?:best|house"
    r"|home) (?:number|telephone)"
    r"|number (?:for me|to reach me)",
    r"ruf\w* (?:sie )?(?:mich|uns)|meine\w? (?:\w+ )?(?:nummer|handy\w*|telefon\w*|rufnummer)"
    r"|(?:erreichen|erreichbar) (?:\w+ ){0,3}unter"
    r"|bin (?:\w+ ){0,4}(?:unter|erreichbar)|mich (?:\w+ ){0,3}unter",
    r"(?:me|m'|nous) ?(?:faire )?(?:rappel\w+|appel\w+|joindre|joign\w+)|(?:appelez|rappelez|joignez"
    r"|contactez|sonnez|téléphonez)[- ](?:moi|nous)"
    r"|mon (?:\w+ )?(?:numéro|portable|téléphone|tél)|joignable",
    r"ll[aá]m(?:e|en|a|ar|enm?e|eme|ame)\w*|mi (?:\w+ )?(?:número|móvil|teléfono|celular|numero|movil"
    r"|telefono)(?: \w+ \w+)?|contact(?:ar)?me|localizarme",
    r"bel (?:me|mij)|(?:mij|me) (?:\w+ ){0,2}(?:bellen|bereiken)|mijn (?:\w+ )?(?:nummer|mobiel\w*"
    r"|telefoon\w*)|bereikbaar (?:\w+ )?(?:op|onder)",
    r"(?:mi )?chiam(?:i|ate|atemi|ami|armi)|(?:il )?mio (?:\w+ )?(?:numero|cellulare|telefono)"
    r"|richiam\w+|raggiungibile",
    r"(?:me )?lig(?:ue|uem|ar)(?:-me)?|(?:o )?meu (?:\w+ )?(?:número|numero|telemóvel|telefone"
    r"|celular)|contact(?:ar|em)-me",
)
_OTHERS = _words(
    r"(?:my|our|the) (?:lawyer|solicitor|attorney|doctor|gp|bank|landlord|insurer|plumber|neighbour"
    r"|neighbor|driver|courier|agent|caseworker)(?:'s)?",
    r"(?:call|ring|phone|contact|try) (?:the|our|my|his|her) (?!mobile|cell|number|phone|landline|home"
    r"|house|direct|work)\w+",
    r"(?:call|ring|phone|telephone|contact|try|ask) (?!me|us|back|here|my)\w+ (?:on|at)",
    r"driver'?s?|courier'?s?|hotline|helpline|your (?:\w+ ){0,3}(?:number|line|office|hotline|helpline"
    r"|desk|phone|team|switchboard)",
    r"(?:called|rang|phoned|dialled|dialed|tried|calling|ringing) (?:me |us |you |your \w+ )?(?:from"
    r"|on|at)?|from (?:the )?number|scam\w*|caller|(?:the|this|that) (?:\w+ )?number",
    r"(?:he|she|they|you|someone|somebody|a man|a woman) (?:called|rang|phoned|gave|texted)"
    r"|questions\? (?:call|ring|phone)?|call us|listed",
    r"(?:mein\w*|unser\w*) (?:anwalt|anwältin|arzt|bank|vermieter)|ihre\w? (?:\w+ ){0,2}(?:hotline"
    r"|nummer|servicenummer)|fahrer\w*|angerufen",
    r"(?:mon|notre|ma) (?:avocate?|médecin|banque|propriétaire)|votre (?:\w+ ){0,2}(?:numéro|ligne"
    r"|standard)|livreur|appelé",
    r"mi (?:abogad[oa]|médico|banco)|su (?:\w+ ){0,2}(?:número|teléfono|línea)|repartidor|llam(?:é"
    r"|aron|aba)(?: desde)?",
    r"mijn (?:advocaat|huisarts|bank|huisbaas)|(?:uw|jullie) (?:\w+ ){0,2}(?:nummer|klantenservice"
    r"|lijn)|chauffeur|gebeld",
    r"(?:il )?mio (?:avvocato|medico)|(?:il )?vostro (?:\w+ ){0,2}(?:numero|centralino)|corriere|chiamato",
    r"(?:o )?meu (?:advogado|médico)|(?:o )?vosso (?:\w+ ){0,2}(?:número|telefone)|estafeta|liguei",
)

# The beginnings and the verbs of attribution lines, as mail programs write them (lower case).
ATTRIBUTION = re.compile(r"(?:from|von|de|van|da|fra|från|od) ?: ?\S")
WROTE = re.compile(r"\b(?:wrote|schrieb|a écrit|escribió|schreef|ha scritto|escreveu)\b")

KINDS = {
    0: "fixed",
    1: "mobile",
    3: "toll_free",
    4: "premium",
    5: "shared_cost",
    6: "voip",
    7: "mobile",  # personal numbers
    10: "fixed",  # company-wide numbers
}
"""The kinds of `phonenumbers.PhoneNumberType`; all others are unknown (2: North America does not
tell fixed lines from mobiles)."""

NORTH_AMERICA = frozenset({"US", "CA"})

DOMAINS = {
    code.lower(): code
    for code in (
        *("AT", "AU", "BE", "BR", "CA", "CH", "CL", "DE", "DK", "ES", "FI", "FR", "GR", "IE", "IN", "IT"),
        *("JP", "LU", "MX", "NL", "NO", "NZ", "PE", "PL", "PT", "SE", "SG", "US", "ZA"),
    )
} | {"uk": "GB"}
"""Top-level domains that say where somebody lives. Those sold to everybody (co, io, tv, me) do not."""

LANGUAGES = {
    "en": ("GB", "AU", "NZ", "ZA", "IE"),  # North American numbers show by their groups
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH"),
    "es": ("ES", "MX"),
    "nl": ("NL", "BE"),
    "it": ("IT", "CH"),
    "pt": ("PT", "BR"),
    "pl": ("PL",),
    "sv": ("SE",),
    "da": ("DK",),
    "no": ("NO",),
}
"""Where a language is at home, the larger country first."""

CLOCKS = {
    2: ("ZA",),
    5.5: ("IN",),
    8: ("AU", "SG"),
    9.5: ("AU",),
    10: ("AU",),
    10.5: ("AU",),
    11: ("AU",),
    12: ("NZ",),
    13: ("NZ",),
}
"""Where an English writer lives, by the offset of the Date header (hours east of UTC)."""
