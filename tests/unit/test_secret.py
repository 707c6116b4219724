from __future__ import annotations

import sys
from pathlib import Path

import pytest

from triage import secret
from triage.errors import ConfigError
from triage.secret import SecretKind, SecretSource


def command(code: str, kind: SecretKind = SecretKind.COMMAND) -> SecretSource:
    return SecretSource(kind, (sys.executable, "-c", code))


def test_the_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", " with spaces ")
    assert SecretSource(SecretKind.ENV, "MAIL_PASSWORD").read() == " with spaces "


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    with pytest.raises(ConfigError, match="MAIL_PASSWORD"):
        SecretSource(SecretKind.ENV, "MAIL_PASSWORD").read()


def test_the_first_line_of_a_file_is_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes("pä ss \r\nmore\n".encode())
    assert SecretSource(SecretKind.FILE, str(file)).read() == "pä ss "


@pytest.mark.parametrize("content", [b"", b"\nsecond", b"\xff\xfe"])
def test_a_file_without_a_usable_first_line_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="password_file"):
        SecretSource(SecretKind.FILE, str(file)).read()


def test_a_file_that_others_can_read_is_a_concern(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    file.chmod(0o600)
    assert SecretSource(SecretKind.FILE, str(file)).concern() == ""
    file.chmod(0o640)
    assert "0640" in SecretSource(SecretKind.FILE, str(file)).concern()
    assert SecretSource(SecretKind.FILE, str(tmp_path / "none")).concern() == ""


def test_the_first_line_that_a_command_prints_is_the_secret() -> None:
    assert command("print('first'); print('second')").read() == "first"
    assert command("print('token')", SecretKind.OAUTH2).read() == "token"
    assert SecretSource(SecretKind.COMMAND, "echo 'two words'").read() == "two words"


def test_a_command_is_run_without_a_shell() -> None:
    assert SecretSource(SecretKind.COMMAND, "echo $HOME; id").read() == "$HOME; id"


@pytest.mark.parametrize("kind", [SecretKind.COMMAND, SecretKind.OAUTH2])
def test_a_failing_command_is_told_with_its_status_and_never_with_its_output(
    kind: SecretKind, capfd: pytest.CaptureFixture[str]
) -> None:
    source = command("import sys; print('hunter2'); print('hunter2', file=sys.stderr); sys.exit(3)", kind)
    with pytest.raises(ConfigError) as caught:
        source.read()
    assert "exit status 3" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert capfd.readouterr() == ("", "")


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret, "COMMAND_SECONDS", 0.2)
    with pytest.raises(ConfigError, match=r"took over 0\.2 s"):
        command("import sys; sys.stdin.close(); import threading; threading.Event().wait()").read()


@pytest.mark.parametrize("place", ["/nonexistent/command", "unclosed 'quote", ""])
def test_a_command_that_cannot_start_is_a_configuration_error(place: str) -> None:
    with pytest.raises(ConfigError, match="cannot start password_command"):
        SecretSource(SecretKind.COMMAND, place).read()


def test_the_repr_shows_the_kind_only() -> None:
    assert repr(SecretSource(SecretKind.COMMAND, "echo hunter2")) == "SecretSource(password_command)"
