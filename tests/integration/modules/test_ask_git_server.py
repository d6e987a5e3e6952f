# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real git, ssh and ssh-agent ask Git servers: real ones, and servers that misbehave. No playbook runs here."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_opener import OPENER
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._git.ls_remote import ask_git_server
from ansible_collections.keyring.kubernetes.plugins.module_utils._git.question import (
    GitAnswer,
    GitQuestion,
    make_question,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_verify import (
    GitVerification,
    GitVerifyOptions,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.shared_answers import SharedAnswers
from support.git_world import SshKey, make_ssh_key
from support.processes import eventually
from support.samples.keys import PASSPHRASE, key_text, public_line
from support.samples.secrets import encode, stored_secret
from support.servers.git_http import HttpGitServer, http_git_server
from support.servers.git_ssh import SshGitServer
from support.servers.odd_registry import Asked, Behaviour, asks_basic, drips, hangs, odd_registry, reply, sends_on

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sshd is held by its parent as Linux does it")

PASSWORD = "wrong-s3cret"
LOGIN = {"username": "robot", "password": PASSWORD}
# More than any of these servers needs to answer.
PATIENCE = 20


def question_of(kind: Any, parts: Mapping[str, str], url: str) -> GitQuestion:
    question = make_question(kind, parts, parse_git_url(url, "url"))
    assert isinstance(question, GitQuestion), question
    return question


def ask(kind: Any, parts: Mapping[str, str], url: str, seconds: int = PATIENCE, **environ: Any) -> GitAnswer:
    """The answer, without anything left behind: no process of ours, no folder."""
    answer = ask_git_server(question_of(kind, parts, url), seconds, {**os.environ, **environ})
    assert eventually(lambda: not list(folders())), "a private folder is left"
    assert eventually(lambda: not list(agents())), "an agent is left"
    assert PASSWORD not in answer.text
    return answer


def folders() -> Iterator[Path]:
    """The private folders of questions that are being asked by this process."""
    for path in Path(os.environ.get("TMPDIR", "/tmp")).glob("keyring-verify-*"):
        if path.owner() == Path("/proc/self").owner():
            yield path


def agents() -> Iterator[int]:
    """The agents of such questions."""
    for pid, command in commands():
        if "ssh-agent" in command and "keyring-verify-" in command:
            yield pid


def commands() -> Iterator[tuple[int, str]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(path.parent.name), path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended
            continue


def login_of(server: HttpGitServer, **more: str) -> dict[str, str]:
    ca = {"ca_certificate": server.ca.decode()} if server.ca else {}
    return {"username": server.username, "password": server.password, **ca, **more}


def test_a_password_reads_or_is_denied(https_server: HttpGitServer) -> None:
    url = https_server.url
    elsewhere = url.replace("repo.git", "other.git")

    assert [
        ask("https", login_of(https_server), url).outcome,
        ask("https", login_of(https_server, password=PASSWORD), url).outcome,
        ask("https", login_of(https_server, username="other"), url).outcome,
        ask("https", login_of(https_server), elsewhere).outcome,
        ask("https", login_of(https_server, ca_certificate=""), url).outcome,
        ask("https", LOGIN, "https://127.0.0.1:1/a.git").outcome,
        ask("https", LOGIN, "https://git.invalid/a.git").outcome,
    ] == ["readable", "denied", "denied", "not_found", "unreachable", "unreachable", "unreachable"]


def test_a_password_over_plain_http() -> None:
    with http_git_server(tls=False) as server:
        assert ask("https", login_of(server), server.url).outcome == "readable"


def test_a_login_without_a_user_name_is_that_of_the_url() -> None:
    with http_git_server(username="octo@example.com", tls=False) as server:
        url = server.url.replace("://", "://octo%40example.com@")
        assert ask("https", {"password": server.password}, url).outcome == "readable"


def test_one_wrong_password_is_one_failed_login() -> None:
    with odd_registry(lambda asked: reply("401 Unauthorized", 'WWW-Authenticate: Basic realm="odd"')) as server:
        assert ask("https", LOGIN, f"http://{server.location}/a.git").outcome == "denied"
    assert len(server.sent) == 1


def test_tasks_of_one_run_share_an_answer(tmp_path: Path) -> None:
    """One wrong password on several hosts is one failed login; a task that could not ask leaves it to the others."""
    answers = SharedAnswers()
    denies = reply("401 Unauthorized", 'WWW-Authenticate: Basic realm="odd"')
    data = {key: encode(text) for key, text in {**LOGIN, "repoURL": "x"}.items()}
    plans = [Plan("created", None, stored_secret(data))]
    with odd_registry(lambda asked: denies) as server:
        options = GitVerifyOptions(url=parse_git_url(f"http://{server.location}/a.git", "url"), timeout=PATIENCE)

        def refuse(environ: Mapping[str, str], shared: SharedAnswers | None) -> str:
            runtime = Runtime(check_mode=False, environ=environ, answers=shared)
            with pytest.raises(KeyringError) as error:
                GitVerification(options, FORMATS["kargo"], "https", runtime, opener=OPENER).check_writes(plans)
            return error.value.failure

        begin = time.monotonic()
        without_git = {"PATH": str(tmp_path)}
        assert [refuse(without_git, answers) for _number in range(2)] == ["missing_library"] * 2
        assert [refuse(os.environ, answers) for _number in range(3)] == ["denied_by_git_server"] * 3
        assert time.monotonic() - begin < PATIENCE, "nobody waits for a task that has failed"
        assert len(server.sent) == 1
        refuse(os.environ, None)
        assert len(server.sent) == 2


class KeptAnswers(SharedAnswers):
    """Answers that note for how many seconds each is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def put(self, question: str, answer: Mapping[str, Any], seconds: float) -> None:
        self.seconds.append(seconds)
        super().put(question, answer, seconds)


def test_an_answer_that_may_change_is_kept_for_a_short_time(ssh_server: SshGitServer) -> None:
    """Access to a repository that is given later does not wait for the answer 403, or for a key that was refused."""
    key = {"identity": make_ssh_key().private.decode(), "known_hosts": ssh_server.known_hosts}

    def seconds(format_name: str, kind: Any, data: Mapping[str, str], url: str) -> list[float]:
        answers = KeptAnswers()
        runtime = Runtime(check_mode=False, environ=os.environ, answers=answers)
        options = GitVerifyOptions(url=parse_git_url(url, "url"), timeout=PATIENCE)
        stored = stored_secret({name: encode(text) for name, text in data.items()})
        check = GitVerification(options, FORMATS[format_name], kind, runtime, opener=OPENER)
        with pytest.raises(KeyringError) as error:
            check.check_writes([Plan("created", None, stored)])
        assert error.value.failure == "denied_by_git_server"
        return answers.seconds

    for status, expected in (("401 Unauthorized", 600), ("403 Forbidden", 20)):
        with odd_registry(then(status)) as server:
            assert seconds("kargo", "https", LOGIN, f"http://{server.location}/a.git") == [expected]
    assert seconds("flux", "ssh", key, ssh_server.url) == [20]


def then(status: str, *headers: str, body: bytes = b"") -> Behaviour:
    """Asks for a password, and answers this when it gets one."""
    return asks_basic(lambda asked: reply(status, *headers, body=body))


def now(status: str, *headers: str, body: bytes = b"") -> Behaviour:
    """Answers this without asking for a password."""
    return lambda asked: reply(status, *headers, body=body)


def more_than_it_may(_asked: Asked) -> Iterator[bytes]:
    """Lines of an advertisement, without an end."""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n"
    for _number in range(20_000):
        yield b"0100" + b"x" * 252 + b"fff0" + b"y" * 65516


def ten_megabytes(_asked: Asked) -> Iterator[bytes]:
    size = 10 * 1024 * 1024
    yield f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nContent-Type: text/html\r\n\r\n".encode()
    yield b"x" * size


def drips_a_page(_asked: Asked) -> Iterator[bytes]:
    """Ten bytes a second, which no limit of curl ends."""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for _number in range(300):
        time.sleep(0.1)
        yield b"x"


ODD: Mapping[str, tuple[Behaviour, str]] = {
    "403 for the password": (then("403 Forbidden"), "denied"),
    "404 for the password": (then("404 Not Found"), "not_found"),
    "500 for the password": (then("500 Internal Server Error"), "unreachable"),
    "a page for the password": (then("200 OK", "Content-Type: text/html", body=b"<html>Welcome"), "unverifiable"),
    "nothing for the password": (then("200 OK"), "unverifiable"),
    "403 at once": (now("403 Forbidden"), "unverifiable"),
    "404 at once": (now("404 Not Found"), "not_found"),
    "too many requests": (now("429 Too Many Requests"), "unreachable"),
    "a page at once": (now("200 OK", "Content-Type: text/html", body=b"<html>Login"), "unverifiable"),
    "another way to log in": (now("401 Unauthorized", "WWW-Authenticate: Negotiate"), "denied"),
    "no way to log in": (now("401 Unauthorized"), "denied"),
    "no answer": (hangs, "unreachable"),
    "a byte now and then": (drips, "unreachable"),
    "a byte of a page now and then": (drips_a_page, "unreachable"),
    "10 MiB of a page": (ten_megabytes, "unverifiable"),
    "a page without an end": (sends_on, "unverifiable"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_server(name: str) -> None:
    behaviour, outcome = ODD[name]
    seconds = 2 if outcome == "unreachable" else PATIENCE
    begin = time.monotonic()
    with odd_registry(behaviour) as server:
        answer = ask("https", LOGIN, f"http://{server.location}/a.git", seconds=seconds)

    assert answer.outcome == outcome, answer
    assert outcome != "denied" or len(server.sent) <= 1
    assert time.monotonic() - begin < seconds + 10


def test_a_server_does_not_decide_how_much_memory_git_takes() -> None:
    with odd_registry(more_than_it_may) as server:
        answer = ask("https", LOGIN, f"http://{server.location}/a.git")
    assert answer.text.startswith("The server sends more than git may keep.")


def test_a_password_is_not_sent_where_a_server_redirects() -> None:
    """Neither before the server has asked for the password nor afterwards."""
    with odd_registry(asks_basic(now("200 OK"))) as other:
        to_other = ("302 Found", f"Location: http://{other.location}/a.git/info/refs?service=git-upload-pack")
        for behaviour in (now(*to_other), then(*to_other)):
            with odd_registry(behaviour) as server:
                answer = ask("https", LOGIN, f"http://{server.location}/a.git")
            assert (answer.outcome, "redirects" in answer.text) == ("unverifiable", True)
    assert other.asked == []


def test_a_repository_that_everyone_reads_proves_nothing(tmp_path: Path) -> None:
    ref = f"{'a' * 40}\trefs/heads/main\n".encode()
    head = b"ref: refs/heads/main\n"

    def serve(asked: Asked) -> list[bytes]:
        return reply("200 OK", body=ref if "info/refs" in asked.target else head)

    with odd_registry(serve) as server:
        answer = ask("https", LOGIN, f"http://{server.location}/a.git")

    assert (answer.outcome, server.sent) == ("unverifiable", [])
    assert answer.text == "The server shows the repository to everyone, and did not ask for the password."


def key_of(server: SshGitServer, key: SshKey) -> dict[str, str]:
    return {"private_key": key.private.decode(), "known_hosts": server.known_hosts}


def test_a_key_reads_or_is_denied(ssh_server: SshGitServer) -> None:
    ours, other = make_ssh_key(), make_ssh_key()
    ssh_server.authorise(ours.public)
    url, good = ssh_server.url, key_of(ssh_server, ours)
    wrong_host_key = f"[127.0.0.1]:{ssh_server.port} {other.public}\n"
    logins = ssh_server.log.read_text().count("Failed publickey")

    assert [
        ask("ssh", good, url).outcome,
        ask("ssh", key_of(ssh_server, other), url).outcome,
        ask("ssh", {**good, "known_hosts": wrong_host_key}, url).outcome,
        ask("ssh", {**good, "known_hosts": f"git.example.com {other.public}"}, url).outcome,
        ask("ssh", good, url.replace("repo.git", "other.git")).outcome,
        ask("ssh", good, "ssh://git@127.0.0.1:1/a.git").outcome,
        ask("ssh", good, "git@git.invalid:a.git").outcome,
    ] == ["readable", "denied", "unverifiable", "unverifiable", "not_found", "unreachable", "unreachable"]
    assert ssh_server.log.read_text().count("Failed publickey") <= logins + 1


def test_a_folder_with_a_path_that_is_too_long_for_a_socket(
    ssh_server: SshGitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, folder = make_ssh_key(), tmp_path / ("x" * 100)
    folder.mkdir()
    ssh_server.authorise(key.public)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    answer = ask("ssh", key_of(ssh_server, key), ssh_server.url)

    text = "Not asked: ssh-agent of this machine does not start. If TMPDIR is a long path, set a shorter one."
    assert answer == GitAnswer("unverifiable", text)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["Ed25519 OpenSSH", "Ed25519 PKCS#8", "RSA PKCS#1", "ECDSA SEC1", "ECDSA PKCS#8"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_key_in_every_form(ssh_server: SshGitServer, name: str, *, encrypted: bool) -> None:
    parts = {"private_key": key_text(name, encrypted=encrypted), "known_hosts": ssh_server.known_hosts}
    ssh_server.authorise(public_line(name.split()[0]))

    answer = ask("ssh", {**parts, "passphrase": PASSPHRASE} if encrypted else parts, ssh_server.url)

    assert answer.outcome == "readable", answer


def test_a_ssh_server_that_never_answers() -> None:
    key = make_ssh_key()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        parts = {"private_key": key.private.decode(), "known_hosts": f"[127.0.0.1]:{port} {key.public}"}
        begin = time.monotonic()
        answer = ask("ssh", parts, f"ssh://git@127.0.0.1:{port}/a.git", seconds=2)

    assert (answer.outcome, time.monotonic() - begin < PATIENCE) == ("unreachable", True)


@contextmanager
def looked_at(look: Callable[[], None]) -> Iterator[int]:
    """A server of any protocol that looks around when it has a client, and then hangs up. Its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            client, _address = server.accept()
            client.recv(4096)
            look()
            client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def seen_of_processes_and_files() -> Iterator[bytes]:
    """Everything that another process of this user sees of a question: arguments, variables and files."""
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                yield (process / name).read_bytes()
            except OSError:  # it has ended, or is another's
                continue
    for folder in folders():
        assert folder.stat().st_mode & 0o777 == 0o700
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.read_bytes()


def test_no_secret_is_in_an_argument_a_variable_or_a_file() -> None:
    """It is looked for while git and ssh wait for the server; a marker that is no secret must be found."""
    seen: list[bytes] = []
    password, key = "p4ssw0rd-of-a-process", make_ssh_key()
    body = "".join(key.private.decode().splitlines()[1:-1])

    def look() -> None:
        seen.extend(seen_of_processes_and_files())

    with looked_at(look) as port:
        ask("https", {"username": "robot", "password": password}, f"http://127.0.0.1:{port}/marker-one.git")
    with looked_at(look) as port:
        hosts = f"[127.0.0.1]:{port} {make_ssh_key().public}"
        parts = {"private_key": key.private.decode(), "known_hosts": hosts}
        ask("ssh", parts, f"ssh://git@127.0.0.1:{port}/marker-two.git")
        assert any(hosts.encode() in text for text in seen)

    everything = b"\n".join(seen)
    for marker in (b"marker-one", b"marker-two", b"ssh-agent"):
        assert marker in everything
    for secret in (password, key.private.decode(), body[40:90]):
        assert secret.encode() not in everything.replace(b"\n", b"")


def test_nothing_of_the_user_is_used(
    https_server: HttpGitServer, ssh_server: SshGitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings of the user log in with the right credential, run programs, and lead to another server."""
    home, used = tmp_path / "home", tmp_path / "used"
    (home / ".ssh").mkdir(parents=True)
    program = tmp_path / "program"
    login = f"echo username={https_server.username}\necho password='{https_server.password}'"
    program.write_text(f"#!/bin/sh\necho $0 $@ >>{used}\n{login}\n")
    program.chmod(0o755)
    config = "\n".join((
        *("[credential]", f"helper = {program}", "[core]", f"sshCommand = {program}", f"askPass = {program}"),
        *("[http]", "proxy = http://127.0.0.1:1", "sslVerify = false", "followRedirects = true"),
        *('[url "https://127.0.0.1:1/"]', "insteadOf = https://127.0.0.1:"),
        *('[url "ssh://git@127.0.0.1:1/"]', "insteadOf = ssh://"),
    ))  # fmt: skip
    (home / ".gitconfig").write_text(config)
    (home / ".netrc").write_text(f"machine 127.0.0.1 login {https_server.username} password {https_server.password}\n")
    (home / ".netrc").chmod(0o600)
    (home / ".ssh" / "config").write_text(f"Host *\nProxyCommand {program}\nStrictHostKeyChecking no\n")
    subprocess.run(["git", "init", "--quiet", home], check=True)
    (home / ".git" / "config").write_text(config)
    monkeypatch.chdir(home)
    names = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF")
    environ = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_DIR": str(home / ".git"),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": str(program),
        "GIT_SSL_NO_VERIFY": "1",
        "GIT_TERMINAL_PROMPT": "1",
        "GIT_TRACE_CURL": str(used),
        "GIT_TRACE": str(used),
        "SSH_ASKPASS_REQUIRE": "force",
        "DISPLAY": ":0",
        "https_proxy": f"http://robot:{PASSWORD}@127.0.0.1:1",
        **dict.fromkeys(names, str(program)),
    }
    right, wrong = make_ssh_key(), make_ssh_key()
    ssh_server.authorise(right.public)

    with agent_of_the_user(tmp_path, right) as socket_path:
        environ["SSH_AUTH_SOCK"] = socket_path
        outcomes = [
            ask("https", login_of(https_server), https_server.url, PATIENCE, **environ).outcome,
            ask("https", login_of(https_server, password=PASSWORD), https_server.url, PATIENCE, **environ).outcome,
            ask("https", login_of(https_server, ca_certificate=""), https_server.url, PATIENCE, **environ).outcome,
            ask("ssh", key_of(ssh_server, right), ssh_server.url, PATIENCE, **environ).outcome,
            ask("ssh", key_of(ssh_server, wrong), ssh_server.url, PATIENCE, **environ).outcome,
        ]

    assert outcomes == ["readable", "denied", "unreachable", "readable", "denied"]
    assert not used.exists(), used.read_text()


@contextmanager
def agent_of_the_user(tmp_path: Path, key: SshKey) -> Iterator[str]:
    path = tmp_path / "users-agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        assert eventually(path.exists)
        environ = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        subprocess.run(["ssh-add", "-q", "-"], input=key.private, env=environ, check=True)
        yield str(path)
    finally:
        agent.terminate()
        agent.wait()


def test_git_has_no_terminal_to_ask_on(https_server: HttpGitServer, tmp_path: Path) -> None:
    """A git that asks on the terminal of the user, and one that goes on for ever with a child of its own."""
    real, said = shutil.which("git"), tmp_path / "said"
    script = tmp_path / "git"
    script.write_text(f'#!/bin/sh\n(: </dev/tty) 2>/dev/null && echo asked >{said}\nexec {real} "$@"\n')
    script.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"

    assert ask("https", login_of(https_server), https_server.url, PATH=path).outcome == "readable"
    assert not said.exists()

    script.write_text("#!/bin/sh\nsleep 61 &\nsleep 61\n")
    assert ask("https", LOGIN, https_server.url, seconds=1, PATH=path).outcome == "unreachable"
    assert eventually(lambda: not [pid for pid, command in commands() if command.startswith("sleep 61")])


def test_an_agent_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    key = make_ssh_key()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        parts = {"private_key": key.private.decode(), "known_hosts": f"[127.0.0.1]:{port} {key.public}"}
        child = os.fork()
        if child == 0:
            ask_git_server(question_of("ssh", parts, f"ssh://git@127.0.0.1:{port}/a"), PATIENCE, os.environ)
            os._exit(0)
        client, _address = server.accept()
        assert list(agents())
        os.kill(child, 9)
        os.waitpid(child, 0)
        client.close()
        assert eventually(lambda: not list(agents()))
    for folder in folders():
        shutil.rmtree(folder)


@pytest.mark.parametrize(("kind", "missing"), [("https", "git"), ("ssh", "git"), ("ssh", "ssh"), ("ssh", "ssh-add")])
def test_a_program_is_missing(tmp_path: Path, kind: str, missing: str) -> None:
    for name in ("git", "ssh", "ssh-agent", "ssh-add"):
        if name != missing:
            (tmp_path / name).symlink_to(shutil.which(name) or "")
    parts = {**LOGIN, "private_key": key_text("Ed25519 OpenSSH"), "known_hosts": "x"}
    url = "https://git.example.com/a" if kind == "https" else "git@git.example.com:a"
    package = "git" if missing == "git" else "openssh-client (Debian) or openssh-clients (RPM)"

    with pytest.raises(KeyringError) as error:
        ask_git_server(question_of(kind, parts, url), 1, {"PATH": str(tmp_path)})

    assert str(error.value) == (
        f"verify needs the program {missing}, which is missing on the machine that runs this task. It asks the Git "
        f"server. Install the package {package}, or leave out verify."
    )
    assert (error.value.failure, error.value.option) == ("missing_library", "verify")


def test_what_git_prints_is_limited(https_server: HttpGitServer, tmp_path: Path) -> None:
    script = tmp_path / "git"
    script.write_text("#!/bin/sh\nexec head -c 100000 /dev/zero >&2\n")
    script.chmod(0o755)

    answer = ask("https", LOGIN, https_server.url, PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert answer == GitAnswer("unverifiable", "The Git server sent more than 64 KiB of messages.")
