"""Whether it is they who wrote: what speaks against the sender that a mail shows (pure).

Nothing here decides a route: a forwarding list fails authentication, and people answer from
private addresses. Whoever calls should know it before they tell the caller anything.
"""

from __future__ import annotations

import re

from triage.intake.addresses import read_addresses
from triage.types import Message, RequesterFrom

DOUBTS = ("reply_to", "name", "failed", "two", "foreign")

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_RESULT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)


def doubts(message: Message) -> tuple[str, ...]:
    """What is odd about the sender, by names of `DOUBTS`.

    reply_to  answers go to another domain than the mail came from
    name      the display name shows another address
    failed    our server's Authentication-Results (RFC 8601, the topmost one) say so
    two       From names several people (RFC 5322 section 3.6.2 allows it, people do not)
    foreign   the domain is an international one, which may look like another (RFC 5890)
    """
    sender = message.sender
    if sender is None or message.requester_from in (RequesterFrom.SOURCE, RequesterFrom.FORWARD):
        return ()
    found = {
        "reply_to": any(_apart(reply.domain, sender.domain) for reply in message.reply_to),
        "name": any(one.lower() != sender.address for one in _ADDRESS.findall(sender.name)),
        "failed": _failed(message.header("authentication-results")),
        "two": len({a.address for a in read_addresses(message.header("from")[:2000])}) > 1,
        "foreign": "xn--" in sender.domain or not sender.domain.isascii(),
    }
    return tuple(name for name in DOUBTS if found[name])


def _apart(one: str, other: str) -> bool:
    """Two domains of which neither lies below the other, nor both below a third of two labels."""
    if one == other or one.endswith("." + other) or other.endswith("." + one):
        return False
    return len(one.split(".")) < 3 or one.split(".")[-3:] != other.split(".")[-3:]


def _failed(results: str) -> bool:
    """DMARC failed, or neither SPF nor DKIM held and one of them failed."""
    said = {method.lower(): result.lower() for method, result in _RESULT.findall(results[:4000])}
    if said.get("dmarc") in ("fail", "pass"):
        return bool(said["dmarc"] == "fail")
    others = [said[method] for method in ("spf", "dkim") if method in said]
    return "fail" in others and "pass" not in others
