"""Masks what must not be kept or repeated: card numbers, IBANs, passwords, secrets.

Used for stored text, for the quoted original below a draft and for quotes inside it.
Numbers are masked only when their check digits agree (ISO/IEC 7812 for cards, ISO 7064
mod 97-10 for IBANs), so that order, tracking and telephone numbers stay readable.
"""

from __future__ import annotations

import re

CARD = "[card number removed]"
IBAN = "[account number removed]"
PASSWORD = "[password removed]"  # noqa: S105 - the words shown instead of one
SECRET = "[secret removed]"  # noqa: S105 - the words shown instead of one


def redact(text: str) -> str:
    """`text` with every card number, IBAN, password, PIN and long secret masked.

    Linear in the length of the text; redacting twice changes nothing more.
    """
    text = _KEY_BLOCK.sub(SECRET, text)
    text = _mask_ibans(text)
    text = _DIGIT_RUN.sub(_mask_cards, text)
    text = _NAMED.sub(_mask_named, text)
    return _TOKEN.sub(_mask_token, text)


# --------------------------------------------------------------------------- cards

_DIGIT_RUN = re.compile(r"(?<![\w.-])\d(?:[ .-]?\d){12,}(?!\w)")
_DIGIT_GROUP = re.compile(r"\d+")
_CARD_LENGTHS = range(19, 12, -1)


def _mask_cards(run: re.Match[str]) -> str:
    """Masks each card in a run of digit groups; a card begins and ends with a group."""
    text = run.group()
    groups = list(_DIGIT_GROUP.finditer(text))
    out, done, first = [], 0, 0
    while first < len(groups):
        last = _card_end(groups, first)
        if last is None:
            first += 1
            continue
        out += [text[done : groups[first].start()], CARD]
        done, first = groups[last].end(), last + 1
    return "".join([*out, text[done:]])


def _card_end(groups: list[re.Match[str]], first: int) -> int | None:
    digits = ""
    for last in range(first, len(groups)):
        digits += groups[last].group()
        if len(digits) > _CARD_LENGTHS[0]:
            return None
        if len(digits) in _CARD_LENGTHS and digits[0] in "23456" and _luhn(digits):
            return last
    return None


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# --------------------------------------------------------------------------- accounts

_IBAN_START = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
_IBAN_SPAN = 34 + 12  # the longest IBAN and the spaces between its groups


def _mask_ibans(text: str) -> str:
    out, done = [], 0
    for start in _IBAN_START.finditer(text):
        length = _iban_length(text[start.start() : start.start() + _IBAN_SPAN + 1])
        if length and start.start() >= done:
            out += [text[done : start.start()], IBAN]
            done = start.start() + length
    return "".join([*out, text[done:]])


def _iban_length(text: str) -> int:
    """How much of the beginning of `text` is a valid IBAN; words after it are not."""
    code, length = "", 0
    for place, char in enumerate(text[:_IBAN_SPAN]):
        if char.isascii() and char.isalnum():
            code += char.upper()
            ends_word = not text[place + 1 : place + 2].isalnum()
            if 15 <= len(code) <= 34 and ends_word and _mod97(code):
                length = place + 1
        elif char not in " -":
            break
    return length


def _mod97(code: str) -> bool:
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


# --------------------------------------------------------------------------- secrets

_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
)

# A word that announces a secret, what joins it to the secret, and the secret.
_NAMED = re.compile(
    r"(?<!\w)(?P<word>pass ?words?|passcodes?|pass ?phrases?|pwd|pw|pin(?: ?(?:code|number))?|puk|cvv2?|cvc2?"
    r"|security code|one[- ]time (?:code|password)|otp|api[- ]?key|access[- ]token"
    r"|passwor[dt]|kennwort|zugangscode|sicherheitscode|prüfziffer"
    r"|mot de passe|code (?:secret|confidentiel|pin)|cryptogramme"
    r"|contraseña|clave|código (?:de seguridad|pin)"
    r"|wachtwoord|pincode|toegangscode|beveiligingscode"
    r"|parola d'ordine|codice (?:segreto|di sicurezza|pin)"
    r"|senha|palavra-passe|código de segurança)"
    r"(?P<joint>[ \t]{0,3}(?:[:=]|->|(?:is|was|ist|lautet|war|est|es|è|era|é)(?!\w):?)[ \t]{0,3}|[ \t]{1,3})"
    r"(?P<quote>[\"'“‘„«]?)(?P<value>[^\s\"'“”‘’„«»,;]{3,80})",
    re.IGNORECASE,
)
# Words that follow "my password is" or "password:" without being one.
_ORDINARY = """
    not now no never always also still wrong right correct incorrect invalid valid expired reset being been
    rejected refused lost gone forgotten unknown too the my your our a an as and or but that this what working
    required needed changed different same fine case sent set in on at for from with only just apparently
    nicht falsch abgelaufen ungültig richtig korrekt vergessen weg noch nun jetzt immer das die mein
    pas incorrect faux expiré oublié toujours plus le mon incorrecta incorrecto correcta caducada la mi no
    niet verkeerd onjuist verlopen vergeten juist het mijn non sbagliata errata scaduta corretta il mia
    não errada incorreta expirada correta minha
"""
_NO_SECRET = frozenset(_ORDINARY.split())


def _mask_named(found: re.Match[str]) -> str:
    joint, value = found["joint"], found["value"].rstrip(".!?)")
    if value.startswith("["):  # masked already
        return found.group()
    digit = any(char.isdigit() for char in value)
    said = ":" in joint or "=" in joint or "->" in joint or bool(found["quote"])
    if not joint.strip():  # "PIN 1234", but not "password reset", "password page"
        secret = digit or (said and value.lower() not in _NO_SECRET)
    elif said:
        secret = True
    else:  # "my password is ..."
        secret = digit or (value.lower() not in _NO_SECRET and not value.lower().endswith(("ing", "ed")))
    if not secret:
        return found.group()
    rest = found["value"][len(value) :]
    return f"{found['word']}{joint}{found['quote']}{PASSWORD}{rest}"


# Keys of well-known makers, web tokens, and long runs that mix letters and digits.
_TOKEN = re.compile(
    r"(?<![\w/+=.-])(?:"
    r"(?P<known>(?:AKIA|ASIA|gh[opsu]_|github_pat_|xox[abp]-|sk-|sk_live_|rk_live_|AIza|glpat-|eyJ)[\w.-]{12,2000})"
    r"|[A-Za-z0-9_+/=-]{32,2000})(?![\w/+=])"
)
_HEX = frozenset("0123456789abcdefABCDEF")


def _mask_token(found: re.Match[str]) -> str:
    token = found.group()
    kinds = sum(any(test(char) for char in token) for test in (str.islower, str.isupper, str.isdigit))
    random = kinds == 3 or (kinds == 2 and _HEX.issuperset(token))
    # Paths, slugs and UUIDs are long as well, but they are names.
    named = token.count("/") > 2 or token.count("-") > 3 or "--" in token or "__" in token
    return SECRET if found["known"] or (random and not named) else token
