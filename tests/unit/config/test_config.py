from __future__ import annotations

import contextlib
import re
import tomllib
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from triage.config import Config, find, load, starter, tables
from triage.errors import ConfigError, Exit, UsageError
from triage.types import Cue, Source

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"

ACCOUNT = """
[accounts.support]
host = "imap.example.org"
username = "support@example.org"
password_env = "TRIAGE_PASSWORD"
addresses = ["support@example.org"]
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return Write(tmp_path / "config.toml")


class Write:
    """Writes a configuration and reads it back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str) -> Config:
        self.path.write_text(text, encoding="utf-8")
        return load(self.path)

    def problems(self, text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            self(text)
        assert caught.value.exit is Exit.CONFIG
        return [line.removeprefix(f"{self.path}:") for line in caught.value.message.splitlines()]


def test_the_smallest_configuration_has_every_default(write: Write) -> None:
    config = write(ACCOUNT)
    account = config.accounts["support"]
    assert (account.port, account.security, account.mailbox) == (993, "tls", "INBOX")
    assert account.replies.from_address == "support@example.org"
    assert account.routing.always_call == {Cue.LIFE_AT_RISK, Cue.SAFETY_HARM, Cue.FRAUD_SECURITY}
    assert account.calling.lease == timedelta(minutes=45)
    assert account.calling.allowed_countries == ("GB",)
    assert config.team.week[0] == ((time(9), time(17, 30)),)
    assert config.team.week[5] == ()
    assert config.path == write.path


def test_every_problem_is_reported_at_once_with_key_and_line(write: Write) -> None:
    problems = write.problems(
        """[team]
timezone = "Mars/Olympus"
hour = "09:00-17:00"

[routing]
call_threshold = 101
always_call = ["life_at_risk", "moon_phase"]

[accounts.support]
host = "imap.example.org"
addresses = ["not an address"]
port = "993"
password_env = "A"
password_file = "b"

[accounts.support.replies]
wait = 10

[[accounts.support.sources]]
match = { form = "x" }
kind = "form"

[[accounts.support.sources]]
match = { from = "(" }
kind = "form"
phone = "no group"
"""
    )
    assert [tuple(problem.split(": ")[:2]) for problem in problems] == [
        ("2", "team.timezone"),
        ("3", "team.hour"),
        ("6", "routing.call_threshold"),
        ("7", "routing.always_call.1"),
        ("9", "accounts.support"),
        ("9", "accounts.support.username"),
        ("11", "accounts.support.addresses.0"),
        ("12", "accounts.support.port"),
        ("17", "accounts.support.replies.wait"),
        ("20", "accounts.support.sources.0.match.form"),
        ("24", "accounts.support.sources.1.match.from"),
        ("26", "accounts.support.sources.1.phone"),
    ]
    assert problems[1].endswith("unknown key, did you mean hours?")


def test_a_problem_in_a_global_table_is_reported_once_however_many_accounts_inherit_it(write: Write) -> None:
    second = ACCOUNT.replace("accounts.support", "accounts.sales")
    problems = write.problems(ACCOUNT + second + '[calling]\nlease = "soon"\n')
    assert len(problems) == 1
    assert problems[0].startswith("14: calling.lease: ")


def test_an_account_overrides_the_global_tables_key_by_key(write: Write) -> None:
    config = write(
        ACCOUNT
        + """
[accounts.support.replies]
wait = "0m"
[accounts.support.calling]
countries = ["gb", "IE"]
[accounts.support.routing]
vip = ["Boss@Example.org", "@vip.example"]
[accounts.sales]
host = "imap.example.org"
username = "sales"
password_file = "secret"
addresses = ["sales@example.org"]
[replies]
wait = "1h"
from_name = "The team"
[routing]
call_threshold = 70
"""
    )
    support, sales = config.accounts["support"], config.accounts["sales"]
    assert (support.replies.wait, sales.replies.wait) == (timedelta(), timedelta(hours=1))
    assert support.replies.from_name == sales.replies.from_name == "The team"
    assert support.calling.allowed_countries == ("GB", "IE")
    assert support.routing.vip == {"boss@example.org", "vip.example"}
    assert (support.routing.call_threshold, sales.routing.vip) == (70, frozenset())


def test_a_password_in_the_file_is_refused_and_not_repeated(write: Write) -> None:
    problems = write.problems(ACCOUNT.replace("password_env", "password"))
    assert len(problems) == 1
    assert "TRIAGE_PASSWORD" not in problems[0]
    assert "password_env, password_command, password_file, oauth2" in problems[0]


@pytest.mark.parametrize("line", ["", 'password_env = "A"\npassword_command = "pass x"'])
def test_exactly_one_place_of_the_password_is_needed(write: Write, line: str) -> None:
    problems = write.problems(ACCOUNT.replace('password_env = "TRIAGE_PASSWORD"', line))
    assert problems == [
        "2: accounts.support: should have exactly one of "
        "password_env, password_command, password_file, oauth2"
    ]


@pytest.mark.parametrize(
    ("host", "works"), [("localhost", True), ("127.0.0.1", True), ("::1", True), ("imap.example.org", False)]
)
def test_plaintext_is_for_this_machine_only(write: Write, host: str, works: bool) -> None:
    text = ACCOUNT.replace("imap.example.org", host) + 'security = "none"\n'
    if works:
        assert write(text).accounts["support"].port == 143
    else:
        assert write.problems(text)[0].startswith("7: accounts.support.security: ")


def test_relative_paths_are_relative_to_the_file(write: Write) -> None:
    config = write(
        ACCOUNT
        + 'ca_file = "ca.pem"\n[replies]\ntemplates = "/etc/t"\n[store]\nurl = "sqlite:///x/mail.db"\n'
    )
    folder = write.path.parent
    assert config.accounts["support"].ca_file == folder / "ca.pem"
    assert config.replies.templates == Path("/etc/t")
    assert config.store.path == folder / "x/mail.db"
    assert config.store.url == f"sqlite:///{folder}/x/mail.db"


def test_a_tilde_is_the_home(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = write(ACCOUNT.replace('password_env = "TRIAGE_PASSWORD"', 'password_file = "~/secret"'))
    assert config.accounts["support"].password_file == tmp_path / "secret"
    assert write.problems(ACCOUNT + 'ca_file = "~nobody-of-that-name/ca.pem"\n')[0].startswith("7: ")
    with pytest.raises(ConfigError):
        find("~nobody-of-that-name/config.toml", {})


def test_a_postgresql_url_is_kept_and_never_shown(write: Write) -> None:
    config = write(ACCOUNT + '[store]\nurl = "postgresql://triage:hunter2@db.example/triage"\n')
    assert config.store.path is None
    assert "hunter2" not in repr(config)


def test_the_default_store_lies_in_the_xdg_data_folder(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert write(ACCOUNT + "[store]\n").store.path == tmp_path / "triage" / "triage.sqlite3"
    assert write(ACCOUNT).store.path == tmp_path / "triage" / "triage.sqlite3"


def test_hours_may_have_breaks_and_go_by_day(write: Write) -> None:
    config = write(
        ACCOUNT + '[team]\nhours = { mon-thu = "09:00-12:00,13:00-17:00", sat = "10:00-12:00" }\n'
        "closed = [2026-12-24]\n"
    )
    assert config.team.week[3] == ((time(9), time(12)), (time(13), time(17)))
    assert config.team.week[4] == ()
    assert config.team.week[5] == ((time(10), time(12)),)
    assert config.team.closed == {date(2026, 12, 24)}


@pytest.mark.parametrize(
    "line",
    [
        '[team]\nhours = "17:00-09:00"',
        '[team]\nhours = "9 to 5"',
        "[team]\nhours = 9",
        "[team]\nhours = { mon = 9 }",
        '[team]\ndays = "mon-fry"',
        '[team]\nlanguages = ["english"]',
        '[team]\nholidays = "United Kingdom"',
        '[team]\ntimezone = "/etc/passwd"',
        '[replies]\nrespond_within = "soon"',
        '[replies]\nrespond_within = "0m"',
        '[replies]\nannounce_calls = "sometimes"',
        '[replies]\nenabled = "yes"',
        '[replies]\nfrom_address = "support"',
        '[calling]\ncountries = ["Britain"]',
        "[calling]\nretry_after = []",
        "[calling]\nmax_attempts = 0",
        '[calling]\nlease = "1 business day"',
        '[alerts]\nafter = "367d"',
        '[replies]\nwait = "99999999999d"',
        "[limits]\nparts = true",
        "[limits]\ndepth = 5000",
        '[store]\nurl = "mysql://db.example"',
        '[store]\nurl = "sqlite:///"',
        "[store]\nurl = 5",
        "[replies]\ntemplates = 5",
        '[alerts]\ncommand = "unclosed \'quote"',
        "[retention]\ndays = 0",
        "[routing]\ncalls_per_day = -1",
    ],
)
def test_a_wrong_value_is_reported_at_its_line(write: Write, line: str) -> None:
    problems = write.problems(ACCOUNT + line + "\n")
    (table, key), *_ = re.findall(r"\[(\w+)\]\n(\w+)", line)
    assert len(problems) == 1
    assert problems[0].startswith((f"8: {table}.{key}: ", f"8: {table}.{key}."))
    assert not problems[0].endswith(": ")


@pytest.mark.parametrize(
    "text",
    [
        "accounts = 5",
        "[accounts]\nsupport = 5",
        "[accounts.support]\nreplies = 5\naddresses = 7",
        "replies = 5\ncalling = []\n[accounts.support]\naddresses = []",
        'path = "x"\n' + ACCOUNT,
        ACCOUNT + 'name = "x"',
        ACCOUNT.replace("accounts.support", 'accounts."a b"'),
        "",
    ],
)
def test_any_shape_of_toml_leads_to_a_clear_refusal(write: Write, text: str) -> None:
    assert all(re.match(r"\d+: [\w. ]+: .", problem) for problem in write.problems(text))


ODD_VALUES = (
    *("-1", "true", "1e400", "9999999999999999999999", "[]", "{}", "[1]"),
    *(
        '""',
        '"x"',
        '["x"]',
        '"\\u0000"',
        '"99999999999d"',
        '"~no/x"',
        "{ x = 1 }",
        "[{ x = 1 }]",
        '"a{9999999999}"',
    ),
)


def test_no_value_of_any_key_is_a_bug(write: Write) -> None:
    shown = tomllib.loads(_uncommented())
    account = shown.pop("accounts")["support"]
    keys = [(f"[{table}]\n", key) for table, entries in shown.items() for key in entries]
    keys += [("[accounts.other]\n", key) for key in [*account, "oauth2", "sources", "replies", "routing"]]
    keys += [("[[accounts.support.sources]]\n", key) for key in tables.SourceTable.model_fields]
    for table, key in keys:
        for value in ODD_VALUES:
            with contextlib.suppress(ConfigError):
                write(f"{ACCOUNT}{table}{key} = {value}\n")


def test_broken_toml_is_told_with_its_line(write: Write) -> None:
    (unclosed,) = write.problems('[team]\nhours = "09:00')
    (bare,) = write.problems("[team]\nhours = 09:00 to 17:00\n")
    assert unclosed.startswith("2: not TOML: ")
    assert bare.startswith("2: not TOML: ")


def test_a_missing_file_points_to_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml")
    assert "triage init" in caught.value.hint


def test_a_source_becomes_the_rule_that_reading_uses(write: Write) -> None:
    config = write(
        ACCOUNT
        + "[[accounts.support.sources]]\nkind = 'voicemail'\nmatch = { from = '^vm@', header = 'X-VM: 1' }\n"
        "phone = 'Caller: (.+)'\n"
    )
    assert config.accounts["support"].sources[0].source == Source(
        kind="voicemail", match=(("from", "^vm@"), ("header", "X-VM: 1")), phone="Caller: (.+)"
    )


def test_addresses_are_ours_in_any_case_and_so_is_the_drafts_sender(write: Write) -> None:
    text = ACCOUNT.replace('["support@example.org"]', '["Support@Example.org", "help@bücher.example"]')
    config = write(
        text + 'internal_domains = ["@Corp.example"]\n[replies]\nfrom_address = "Care@Example.org"\n'
    )
    identity = config.accounts["support"].identity
    assert identity.addresses == {"support@example.org", "help@xn--bcher-kva.example", "care@example.org"}
    assert identity.internal_domains == {"corp.example"}


def test_accounts_are_chosen_by_name_and_an_unknown_one_is_a_usage_error(write: Write) -> None:
    config = write(ACCOUNT + ACCOUNT.replace("accounts.support", "accounts.sales"))
    assert [account.name for account in config.chosen()] == ["support", "sales"]
    assert [account.name for account in config.chosen(["sales"])] == ["sales"]
    with pytest.raises(UsageError, match="no account billing"):
        config.chosen(["billing"])


def test_the_file_is_found_by_option_then_environment_then_xdg() -> None:
    environ = {"TRIAGE_CONFIG": "/a/b.toml", "XDG_CONFIG_HOME": "/xdg"}
    assert find("c.toml", environ) == Path("c.toml")
    assert find(None, environ) == Path("/a/b.toml")
    assert find(None, {"XDG_CONFIG_HOME": "/xdg"}) == Path("/xdg/triage/config.toml")
    assert find(None, {}).name == "config.toml"


def test_what_init_writes_loads(write: Write) -> None:
    config = write(
        starter(
            host="imap.example.org",
            username='a "quoted" \\ user',
            address="support@example.org",
            drafts="Entwürfe",
            sent=["Gesendet", "A&B"],
            port=143,
            security="starttls",
            ca_file="our ca.pem",
        )
    )
    account = config.accounts["support"]
    assert account.ca_file == write.path.parent / "our ca.pem"
    assert (account.username, account.drafts, account.sent) == (
        'a "quoted" \\ user',
        "Entwürfe",
        ("Gesendet", "A&B"),
    )


# --------------------------------------------------------------------------- the example


def _uncommented() -> str:
    return re.sub(r"(?m)^#(?=[\w\[])", "", EXAMPLE.read_text(encoding="utf-8"))


def _minimal() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def test_every_default_in_the_example_is_the_codes(write: Write) -> None:
    assert write(_uncommented()) == write(_minimal())


def _missing(model: type[BaseModel], table: dict[str, object]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()} - table.keys()


def test_the_example_shows_every_key() -> None:
    shown = tomllib.loads(_uncommented())
    account = shown["accounts"].pop("support")
    assert _missing(Config, shown) == {"path"}  # not a key
    assert Config().desks == {
        name: tables.Desk.model_validate(desk) for name, desk in shown.pop("desks").items()
    }
    for name in shown.keys() - {"accounts"}:
        model = Config.model_fields[name].annotation
        assert isinstance(model, type)
        assert _missing(model, shown[name]) == set(), name
    shown_in_prose = {"oauth2", "sources"}
    overrides = set(tables.OVERRIDABLE)
    assert _missing(tables.Account, account) == {"name", *shown_in_prose, *overrides}


def test_the_examples_in_its_prose_load_too(write: Write) -> None:
    prose = re.findall(r"(?m)^#   (.+?)(?:  +\(.*)?$", EXAMPLE.read_text(encoding="utf-8"))
    source = prose[prose.index("[[accounts.support.sources]]") :]
    oauth = next(line for line in prose if line.startswith("oauth2"))
    config = write(ACCOUNT.replace('password_env = "TRIAGE_PASSWORD"', oauth) + "\n".join(source))
    account = config.accounts["support"]
    assert account.secret.oauth
    assert _missing(tables.SourceTable, account.sources[0].model_dump()) == set()
    assert _missing(tables.OAuth2, tomllib.loads(oauth)["oauth2"]) == set()
    assert "header = " in EXAMPLE.read_text(encoding="utf-8")
