"""Finding Drafts and Sent: by special use, by configuration, in any script, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.dovecot import Desk, DovecotServer
from servers.scripted import ScriptedServer
from triage.errors import MailboxMissingError, NetworkError
from triage.intake.imap import ImapSource, Login


def minute() -> float:
    return 60.0


@pytest.mark.dovecot
def test_drafts_and_sent_are_found_by_their_special_use(dovecot: Desk) -> None:
    with ImapSource(dovecot.login(), deadline=minute) as source:
        names = source.mailboxes()
    assert (names.inbox, names.drafts, names.sent, names.answered_in) == ("INBOX", "Drafts", ("Sent",), ())


@pytest.fixture(scope="module")
def localised(needs_dovecot: None) -> Iterator[Desk]:
    mailboxes = (("Entwürfe", "\\Drafts"), ("A&B", "\\Sent"), ("下書き", ""))
    with DovecotServer(mailboxes=mailboxes, separator="/", prefix="INBOX/") as server:
        desk = server.new_user()
        with desk.client() as client:
            client.create_folder('INBOX/Quo"te')
        yield desk


@pytest.mark.dovecot
def test_names_in_other_scripts_and_below_a_namespace_are_found(localised: Desk) -> None:
    with ImapSource(localised.login(), deadline=minute) as source:
        names = source.mailboxes()
        assert (names.drafts, names.sent) == ("INBOX/Entwürfe", ("INBOX/A&B",))
        assert source.examine(names.drafts).exists == 0
        assert source.examine(names.sent[0]).exists == 0


@pytest.mark.dovecot
@pytest.mark.parametrize("name", ["INBOX/下書き", 'INBOX/Quo"te', "INBOX/A&B"])
def test_a_configured_name_wins_over_the_special_use(localised: Desk, name: str) -> None:
    login = localised.login(drafts=name, sent=(name,), answered_in=("inbox",))
    with ImapSource(login, deadline=minute) as source:
        names = source.mailboxes()
        assert (names.drafts, names.sent, names.answered_in) == (name, (name,), ("inbox",))
        assert source.examine(name).exists == 0


@pytest.mark.dovecot
@pytest.mark.parametrize("key", ["mailbox", "sent", "answered_in"])
def test_a_configured_name_that_is_not_there_is_named_with_what_is(localised: Desk, key: str) -> None:
    value = "Draft" if key == "mailbox" else ("Draft",)
    source = ImapSource(localised.login(**{key: value}), deadline=minute)
    source.connect()
    with pytest.raises(MailboxMissingError, match="'Draft'") as caught:
        source.mailboxes()
    assert "INBOX/Entwürfe" in caught.value.hint
    assert key in caught.value.message


@pytest.mark.dovecot
def test_a_configured_drafts_mailbox_that_is_not_there_stops_nothing_but_the_drafts(localised: Desk) -> None:
    with ImapSource(localised.login(drafts="Draft"), deadline=minute) as source:
        names = source.mailboxes()
    assert names.drafts == ""
    assert "'Draft'" in names.drafts_missing
    assert "INBOX/Entwürfe" in names.drafts_missing


@pytest.mark.dovecot
def test_without_special_use_and_configuration_there_are_no_drafts(needs_dovecot: None) -> None:
    with DovecotServer(mailboxes=(("Drafts", ""), ("Sent", ""))) as server:
        desk = server.new_user()
        with ImapSource(desk.login(), deadline=minute) as source:
            assert (source.mailboxes().drafts, source.mailboxes().sent) == ("", ())
        with ImapSource(desk.login(drafts="Drafts", sent=("Sent",)), deadline=minute) as source:
            assert (source.mailboxes().drafts, source.mailboxes().sent) == ("Drafts", ("Sent",))


@pytest.mark.dovecot
def test_a_mailbox_that_cannot_be_opened_is_missing(dovecot: Desk) -> None:
    with ImapSource(dovecot.login(), deadline=minute) as source:
        with pytest.raises(MailboxMissingError, match="Nowhere"):
            source.examine("Nowhere")
        with pytest.raises(NetworkError, match="not connected"):
            source.examine("INBOX")


LISTED = [b'* LIST (\\Noselect) "/" "[Gmail]"', b'* LIST () "/" "2024"', b'* LIST () "/" INBOX']


def scripted(server: ScriptedServer) -> ImapSource:
    login = Login(host="127.0.0.1", port=server.port, security="none", username="desk", secret=lambda: "pw")
    return ImapSource(login, deadline=minute)


def test_a_server_that_tells_special_uses_only_when_asked_is_asked() -> None:
    def answer(command: str) -> list[bytes]:
        return [*LISTED, b'* LIST (\\drafts) "/" "Concepten"'] if "RETURN" in command else LISTED

    server = ScriptedServer({"LIST": answer}, capabilities=b"IMAP4rev1 SPECIAL-USE")
    with server, scripted(server) as source:
        assert source.mailboxes().drafts == "Concepten"


def test_a_server_that_does_not_understand_the_question_is_forgiven() -> None:
    def answer(command: str) -> list[bytes]:
        return [b"tagged BAD syntax"] if "RETURN" in command else LISTED

    server = ScriptedServer({"LIST": answer}, capabilities=b"IMAP4rev1 SPECIAL-USE")
    with server, scripted(server) as source:
        assert source.mailboxes().drafts == ""


def test_a_list_that_is_refused_for_the_moment_is_no_missing_mailbox() -> None:
    server = ScriptedServer({"LIST": [b"tagged NO [UNAVAILABLE] later"]})
    with server, scripted(server) as source, pytest.raises(NetworkError):
        source.mailboxes()


def test_a_name_that_is_not_encoded_as_it_should_be_does_not_hide_the_others() -> None:
    odd = [b'* LIST () "/" "R&D"', '* LIST () "/" "Entwürfe"'.encode(), b'* LIST (\\Drafts) "/" Drafts']
    with ScriptedServer({"LIST": [*LISTED, *odd]}) as server, scripted(server) as source:
        assert source.mailboxes().drafts == "Drafts"
