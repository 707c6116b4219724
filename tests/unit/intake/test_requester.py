"""Who the requester is: the rules of docs/reference/requester.md."""

from __future__ import annotations

import pytest

from triage.intake.headers import Fields
from triage.intake.requester import Requester, find_author, find_requester, says_forward
from triage.types import Address, Identity, RequesterFrom, Source

OURS = Identity(addresses=frozenset({"support@ours.example"}), internal_domains=frozenset({"ours.example"}))
ANNA = Address(address="anna@customer.example", name="Anna Example")
FORM = Source(
    kind="form",
    match=(("from", r"forms@"), ("subject", "^new enquiry")),
    name=r"^Name:\s*(.+)$",
    address=r"^Email:\s*(\S+)",
    phone=r"^Phone:\s*(.+)$",
)


def find(
    *header: tuple[str, str],
    text: str = "",
    forwarded: tuple[tuple[str, str], ...] = (),
    sources: tuple[Source, ...] = (),
) -> Requester:
    fields = Fields(fields=header)
    author = find_author(fields, OURS)
    return find_requester(
        fields=fields, author=author, text=text, forwarded=forwarded, identity=OURS, sources=sources
    )


def test_usually_it_is_from() -> None:
    found = find(("from", "Anna Example <anna@customer.example>"), ("to", "support@ours.example"))
    assert found == Requester(person=ANNA, found=RequesterFrom.FROM)


@pytest.mark.parametrize(
    "sender",
    [
        "Website <www@ours.example>",
        "no-reply@shop.example",
        "bob@customer.test",
        "Support <support@ours.example>",
    ],
)
def test_a_foreign_reply_to_outranks_from(sender: str) -> None:
    found = find(("from", sender), ("reply-to", "Anna Example <anna@customer.example>"))
    assert found == Requester(person=ANNA, found=RequesterFrom.REPLY_TO)


@pytest.mark.parametrize(
    "reply_to",
    [
        "support@ours.example",
        "Support <support+x@ours.example>",
        "bob@dept.ours.example",
        "no-reply@x.example",
        "junk",
        "",
    ],
)
def test_a_reply_to_that_is_ours_or_unread_or_unusable_never_wins(reply_to: str) -> None:
    found = find(("from", "Anna Example <anna@customer.example>"), ("reply-to", reply_to))
    assert found == Requester(person=ANNA, found=RequesterFrom.FROM)


def test_the_first_foreign_reply_to_counts_and_borrows_the_name_within_its_domain() -> None:
    found = find(
        ("from", "Anna Example <a.example@customer.example>"),
        ("reply-to", "support@ours.example, anna@customer.example"),
    )
    assert found == Requester(person=ANNA, found=RequesterFrom.REPLY_TO)
    other = find(("from", "Shop Website <www@hosting.example>"), ("reply-to", "anna@customer.example"))
    assert other.person == Address(address="anna@customer.example")


def test_a_reply_to_equal_to_from_changes_nothing() -> None:
    found = find(("from", "Anna Example <anna@customer.example>"), ("reply-to", "ANNA@customer.example"))
    assert found == Requester(person=ANNA, found=RequesterFrom.FROM)


def test_sender_stands_in_for_an_unusable_from_and_else_it_is_nobody() -> None:
    found = find(("from", "Anna"), ("sender", "Anna Example <anna@customer.example>"))
    assert found == Requester(person=ANNA, found=RequesterFrom.SENDER)
    assert find(("from", "Anna")) == Requester()


# --------------------------------------------------------------------------- sources

FORM_HEADER = (("from", "Forms <forms@ours.example>"), ("subject", "New enquiry: boiler"))


def test_a_form_names_the_person_in_its_body() -> None:
    text = "Name: Anna Example\nEmail: Anna@customer.example\nPhone: 020 7946 0123\n\nHelp"
    found = find(*FORM_HEADER, text=text, sources=(FORM,))
    assert found == Requester(person=ANNA, found=RequesterFrom.SOURCE, phone="020 7946 0123", source="form")


def test_a_form_without_a_usable_address_falls_back_to_a_foreign_reply_to_and_else_to_nobody() -> None:
    text = "Name: Anna Example\nEmail: anna(at)customer\nPhone: 020 7946 0123"
    reply_to = ("reply-to", "anna@customer.example")
    assert find(*FORM_HEADER, reply_to, text=text, sources=(FORM,)).person == ANNA
    found = find(*FORM_HEADER, text=text, sources=(FORM,))
    assert found == Requester(phone="020 7946 0123", source="form")


def test_our_own_address_in_a_form_is_not_the_requester() -> None:
    assert find(*FORM_HEADER, text="Email: support@ours.example", sources=(FORM,)).person is None


def test_a_voicemail_may_leave_only_a_number() -> None:
    voicemail = Source(kind="voicemail", match=(("header", r"^x-mailer: pbx"),), phone=r"from (\+?[\d ]{7,})")
    found = find(
        ("from", "pbx@telco.example"),
        ("x-mailer", "PBX 3"),
        text="Message from +44 20 7946 0123",
        sources=(voicemail,),
    )
    assert found == Requester(phone="+44 20 7946 0123", source="voicemail")


def test_a_relay_without_an_address_is_answered_where_it_came_from() -> None:
    relay = Source(kind="relay", match=(("from", "@market.example"),), name=r"Message from (.+):")
    found = find(("from", "x7@market.example"), text="Message from Anna:", sources=(relay,))
    assert found.person == Address(address="x7@market.example", name="Anna")
    assert found.found is RequesterFrom.SOURCE


@pytest.mark.parametrize("match", [(), (("from", "forms@"), ("subject", "invoice")), (("from", "(broken"),)])
def test_a_source_that_does_not_match_is_passed_over(match: tuple[tuple[str, str], ...]) -> None:
    source = Source(kind="form", match=match, address=r"(\S+@\S+)")
    found = find(("from", "Anna Example <anna@customer.example>"), text="bob@x.example", sources=(source,))
    assert found == Requester(person=ANNA, found=RequesterFrom.FROM)


# --------------------------------------------------------------------------- forwards

COLLEAGUE = Address(address="kim@ours.example", name="Kim")
FROM_KIM = ("from", "Kim <kim@ours.example>")


@pytest.mark.parametrize(
    "subject", ["Fwd: Heater", "WG: Heizung", "[EXTERNAL] TR: Chauffage", "please look", ""]
)
@pytest.mark.parametrize(
    "shown",
    [
        "Anna Example <anna@customer.example>",
        '"Anna Example" <anna@customer.example>',
        "Anna Example [mailto:anna@customer.example]",
        "Anna Example <mailto:Anna@customer.example>",
        "Anna Example (anna@customer.example)",
    ],
)
def test_a_colleagues_forward_is_the_forwarded_persons(subject: str, shown: str) -> None:
    found = find(FROM_KIM, ("subject", subject), forwarded=(("from", shown), ("subject", "Heater")))
    assert found == Requester(person=ANNA, found=RequesterFrom.FORWARD, forwarded_by=COLLEAGUE)


@pytest.mark.parametrize("subject", ["Re: Heater", "AW: Fwd: Heizung", "Antw: x", "Re[2]: x"])
def test_an_answer_is_no_forward(subject: str) -> None:
    found = find(FROM_KIM, ("subject", subject), forwarded=(("from", "anna@customer.example"),))
    assert found == Requester(person=COLLEAGUE, found=RequesterFrom.FROM)


@pytest.mark.parametrize("shown", ["Anna Example", "", "anna@customer.example bob@x.example"])
def test_a_forward_that_names_no_address_is_nobodys(shown: str) -> None:
    found = find(FROM_KIM, ("subject", "Fwd: Heater"), forwarded=(("from", shown), ("subject", "x")))
    assert found == Requester(forwarded_by=COLLEAGUE)


def test_what_a_customer_forwards_is_the_customers() -> None:
    found = find(
        ("from", "Anna Example <anna@customer.example>"),
        ("subject", "Fwd: Your payments"),
        forwarded=(("from", "billing@bank.example"),),
    )
    assert found == Requester(person=ANNA, found=RequesterFrom.FROM)


def test_a_colleague_who_forwards_our_own_mail_is_the_requester() -> None:
    found = find(FROM_KIM, ("subject", "Fwd: x"), forwarded=(("from", "support@ours.example"),))
    assert found == Requester(person=COLLEAGUE, found=RequesterFrom.FROM)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Fwd: x", True),
        ("FW: x", True),
        ("WG: x", True),
        ("I: x", True),
        ("Doorst: x", True),
        ("Re: Fwd: x", False),
        ("Forward: x", False),
        ("Important: x", False),
    ],
)
def test_the_marks_of_a_forward_are_known(subject: str, expected: bool) -> None:
    assert says_forward(subject) is expected


# --------------------------------------------------------------------------- lists

VIA = ("from", "'Anna Example' via Support <support@ours.example>")


@pytest.mark.parametrize(
    "header",
    [
        ("x-original-from", "Anna Example <anna@customer.example>"),
        ("x-original-sender", "anna@customer.example"),
        ("reply-to", "Anna Example <anna@customer.example>"),
        ("reply-to", "support@ours.example, anna@customer.example"),
    ],
)
def test_the_person_behind_our_own_list_is_the_author(header: tuple[str, str]) -> None:
    assert find_author(Fields(fields=(VIA, header)), OURS) == ANNA
    assert find(VIA, header) == Requester(person=ANNA, found=RequesterFrom.FROM)


def test_original_headers_are_believed_only_behind_our_own_address() -> None:
    forged = (("from", "Eve <eve@evil.example>"), ("x-original-from", "Anna <anna@customer.example>"))
    assert find(*forged).person == Address(address="eve@evil.example", name="Eve")
    ours = (("from", "Support <support@ours.example>"), ("x-original-sender", "support@ours.example"))
    assert find(*ours).person == Address(address="support@ours.example", name="Support")
