"""Which number is the requester's own, and which may be dialled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from triage.calls.phone import allowed, display, find, requester_number, time_zone
from triage.types import Address, Message, MessageRef


def mail(
    text: str = "",
    *,
    signature: str = "",
    quoted: str = "",
    phone: str = "",
    sender: str = "anna@x.example",
    hours_east: float = 0,
) -> Message:
    return Message(
        ref=MessageRef(account="a", mailbox="INBOX"),
        received=datetime(2026, 11, 2, tzinfo=UTC),
        date=datetime(2026, 11, 2, tzinfo=timezone(timedelta(hours=hours_east))),
        sender=Address(address=sender, name="Anna Moss"),
        requester=Address(address=sender, name="Anna Moss"),
        requester_phone=phone,
        new_text=text,
        signature=signature,
        quoted_text=quoted,
    )


def number(message: Message, country: str = "GB", own: tuple[str, ...] = ()) -> str | None:
    return requester_number(message, default_country=country, own_numbers=own)[0]


def e164s(text: str, country: str = "GB") -> list[str]:
    return [n.e164 for n in find(text, default_country=country)]


# --------------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("07700900123", "GB", "+447700900123"),
        ("+44 (0)20 7946 0123", "DE", "+442079460123"),
        ("0044 20 7946 0123", "FR", "+442079460123"),
        ("(020) 7946 0123", "GB", "+442079460123"),
        ("+1 202-555-0123", "GB", "+12025550123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("202.555.0123", "US", "+12025550123"),
        ("202-555-0123", "GB", "+12025550123"),
        ("030 / 23125 417", "DE", "+493023125417"),
        ("030/23125417", "DE", "+493023125417"),
        ("06.39.98.41.27", "FR", "+33639984127"),
        ("01632 960001", "GB", "+441632960001"),
        ("0491 570 156", "AU", "+61491570156"),
        ("Tel:\u00a0020\u00a07946\u00a00123.", "GB", "+442079460123"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, country: str, expected: str) -> None:
    assert e164s(text, country) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "order 0712345678",
        "my reference is 07700 900123 4",
        "Account no. 0770 090 0123",
        "card 4111 1111 1111 1111",
        "IBAN DE89 3704 0044 0532 0130 00",
        "GB82 WEST 1234 5698 7654 32",
        "tracking 1Z999AA10123456784",
        "06/10/2026 19:02",
        "2026-11-08 03:09",
        "192.0.2.44",
        "file-0207946012.pdf",
        "£02079460123",
        "https://x.example/02079460123",
        "9025550119",
        "418223 of 50000000",
        "1234567",
        "A/C 6120 8834 19",
        "Order number is 4472655",
        "O protocolo é 2024.0771",
        "Parcel DP31 0042 7716",
        "error 550 5.1.10",
    ],
)
def test_other_digits_are_no_telephone_numbers(text: str) -> None:
    assert e164s(text) == []


def test_two_numbers_on_a_line_stay_two_and_each_comes_once() -> None:
    assert e164s("0131 496 0990 / 07700 900731, again 07700 900731") == ["+441314960990", "+447700900731"]
    assert [n.e164 for n in find("07700 900731", default_country="GB", exclude={"+447700900731"})] == []


def test_a_number_tells_its_kind_country_and_whether_it_is_assigned() -> None:
    found = find("020 7946 0123, 0800 157 0123, +881 6 2255 1234, +1 900 555 0123", default_country="GB")
    assert [(n.kind, n.country) for n in found] == [
        ("fixed", "GB"),
        ("toll_free", "GB"),
        ("satellite", ""),
        ("premium", "US"),
    ]
    assert all(n.valid and n.possible for n in found)
    assert found[0].time_zones == ("Europe/London",)
    assert found[0].raw == "020 7946 0123"


def test_hostile_text_is_searched_in_bounded_time() -> None:
    started = datetime.now(UTC)
    for text in (
        "1 " * 200_000,
        "07700 900123 " * 30_000,
        "(" * 200_000,
        "+" * 200_000,
        "1/" * 200_000,
        "0-" * 200_000,
    ):
        assert len(find(text, default_country="GB")) <= 50
    assert (datetime.now(UTC) - started).total_seconds() < 10


# --------------------------------------------------------------------------- the requester's own


@pytest.mark.parametrize(
    "text",
    [
        "Please ring me on 07700 900123 after four.",
        "My mobile number is 07700 900123, my order is 0712345678.",
        "You can reach me at 07700900123.",
        "Rufen Sie mich bitte unter +44 7700 900123 zurück.",
        "Merci de me rappeler au +44 7700 900123 demain.",
        "Llámeme al +44 7700 900123, por favor.",
        "Bel mij op +44 7700 900123 na vier uur.",
        "Mi chiami al +44 7700 900123 domani.",
        "Ligue-me para +44 7700 900123 amanhã.",
        "What do I do?? 07700 900123",
        "I have told five people. 07700 900123, any time.",
        "I am in the shop until late, 07700 900123.",
        "Duty manager 07700 900123.",
        "Ruft mich an +44 7700 900123",
        "Je veux qu'une personne me joigne au +44 7700 900123. Merci.",
        "Best,\nAnna\n07700 900123",
        "I rang your line 020 7946 0100 twice. Call me on 07700 900123.",
    ],
)
def test_a_number_that_the_writer_gives_is_theirs(text: str) -> None:
    assert requester_number(mail(text), default_country="GB") == ("+447700900123", "own_text")


@pytest.mark.parametrize(
    "text",
    [
        "Call my solicitor on 020 7946 0123 from now on.",
        "The driver's number was 07700 900123 and he never came.",
        "I rang your hotline 020 7946 0100 three times this week.",
        "You called me from 020 7946 0100 and hung up on me.",
        "Somebody called from 07700 900123 and asked for my card.",
        "For anything urgent please contact the strata desk on 020 7946 0123.",
        "My fax is dead, fax: 020 7946 0124, as I told you.",
        "Mein Anwalt ist unter +44 20 7946 0123 zu sprechen.",
        "J'ai appelé votre ligne +44 20 7946 0100 trois fois.",
        "In an emergency telephone Dev on 0491 570 156.",
        "The number 020 7946 0100 on your site just rings out.",
    ],
)
def test_a_number_of_somebody_else_is_not_taken_for_theirs(text: str) -> None:
    assert requester_number(mail(text), default_country="GB") == (None, "")


def test_a_form_field_comes_first_and_is_trusted() -> None:
    message = mail("Call me on 07700 900123.", phone="020 7946 0123")
    assert requester_number(message, default_country="GB") == ("+442079460123", "source")


def test_a_mobile_goes_before_the_office_and_a_fax_never_counts() -> None:
    signature = "Anna Moss\nBox office: 0131 496 0990 | M: 07700 900731 | F: 0131 496 0991"
    assert requester_number(mail("Hello.", signature=signature), default_country="GB") == (
        "+447700900731",
        "signature",
    )
    assert number(mail(signature="T (020) 7946 0134 | F (020) 7946 0135")) == "+442079460134"
    assert number(mail(signature="office 202.555.0137  fax 202.555.0138")) == "+12025550137"
    assert number(mail(signature="020 7946 0135 (fax)")) is None


def test_what_the_text_asks_for_goes_before_the_signature() -> None:
    message = mail("Please ring me on 020 7946 0199.", signature="Mobile 07700 900731")
    assert number(message) == "+442079460199"


def test_our_own_numbers_are_never_the_requesters() -> None:
    quoted = "On Monday Support <support@ours.example> wrote:\n> Regards, Maud\n> 020 7946 0100"
    assert number(mail("020 7946 0100", quoted=quoted)) is None
    assert number(mail(quoted=quoted)) is None
    assert number(mail("Tel 020 7946 0100"), own=("+442079460100",)) is None


def test_a_number_in_an_earlier_mail_of_theirs_counts_last() -> None:
    quoted = (
        "> We are sorry.\n> Jo, Ours 020 7946 0100\n>\n"
        "> On Wed, 21 Oct 2026 at 4:31 pm, Anna Moss <anna@x.example>\n> wrote:\n>\n"
        ">> Third time this month. Ring me 07700 900731.\n"
    )
    assert requester_number(mail("Fixed, thanks.", quoted=quoted), default_country="GB") == (
        "+447700900731",
        "quoted",
    )
    assert number(mail("Now ring 020 7946 0199.\n020 7946 0199", quoted=quoted)) == "+442079460199"


def test_where_a_number_belongs_is_told_by_domain_home_language_and_clock() -> None:
    french = "Merci de me rappeler au 06 39 98 41 27, la table est arrivée cassée et personne ne répond."
    spanish = "Llámeme al 612 34 50 97, por favor, porque la maleta no ha llegado todavía a mi casa."
    english = "Please ring me on 0491 570 156, the water is still coming through the ceiling."
    assert number(mail(french)) == "+33639984127"
    assert number(mail("Bitte. 030 23125417", sender="a@firma.de")) == "+493023125417"
    assert number(mail(spanish)) == "+34612345097"
    assert number(mail(english, hours_east=11)) == "+61491570156"
    assert number(mail(english), country="AU") == "+61491570156"


def test_a_mail_without_number_has_none() -> None:
    assert requester_number(mail("Nothing here.", signature="Anna"), default_country="GB") == (None, "")
    assert requester_number(mail(), default_country="GB") == (None, "")


# --------------------------------------------------------------------------- dialling


@pytest.mark.parametrize(
    ("e164", "reason"),
    [
        ("+442079460123", ""),
        ("+447700900123", ""),
        ("+12025550123", ""),
        ("+448001570123", ""),
        ("+449098790123", "premium-rate"),
        ("+19005550123", "premium-rate"),
        ("+881622551234", "satellite"),
        ("+18765550123", "JM"),
        ("+33639984127", "FR"),
        ("nonsense", "no telephone number"),
        ("", "no telephone number"),
    ],
)
def test_costly_and_foreign_numbers_are_not_dialled(e164: str, reason: str) -> None:
    found = allowed(e164, countries=("gb", "US"))
    assert (reason in found) if reason else found == ""


def test_without_a_list_every_country_is_allowed_but_no_costly_number() -> None:
    assert allowed("+18765550123") == ""
    assert allowed("+19005550123")


def test_numbers_are_shown_in_groups() -> None:
    assert display("+442079460123", home_country="GB") == "020 7946 0123"
    assert display("+442079460123", home_country="US") == "+44 20 7946 0123"
    assert display("who knows", home_country="GB") == "who knows"


def test_the_time_zone_is_where_the_number_rings() -> None:
    assert time_zone("+12025550123", fallback="Europe/London") == "America/New_York"
    assert time_zone("+442079460123", fallback="Europe/Paris") == "Europe/London"
    assert time_zone("+447700900123", fallback="Europe/London") == "Europe/London"
    assert time_zone("+61491570156", fallback="Australia/Perth") == "Australia/Perth"
    assert time_zone("+61491570156", fallback="Europe/London").startswith("Australia/")
    assert time_zone("nonsense", fallback="Europe/London") == "Europe/London"
