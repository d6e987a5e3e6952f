# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for the own APIs of portals: filled in by a person at a terminal, and by variables without one.

The portals are behind prism, which checks every request and answer against the vendor's document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from support.canary import canary, find_leaks, read_below
from support.leaks.watch import watch
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.portals.ecp import OWN_REGISTRY, SECRETS, Customer, Ecp, PullSecret
from support.portals.prism import Checked, checked_ecp, checked_sap
from support.portals.sap import DOCKER, SapAiCore
from support.typist import Session, type_into

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

CANARIES = {
    "typed": canary("typed password", user="acme"),
    "given": canary("password from elsewhere", user="acme"),
    "stored": canary("stored password", user="acme"),
    "pasted": canary("pasted password", awkward="-", user="octo"),
    "wrong key": canary("wrong API key", awkward="-"),
    "API key": canary("API key", awkward="-"),
    "client secret": canary("client secret", awkward="-"),
    "wrong client secret": canary("wrong client secret", awkward="-"),
}
ALL = list(CANARIES.values())
TIME = "2026-10-02T15:00:00Z"
ENTER = "\r"
WATCHED = {"ANSIBLE_VERBOSITY": "5"}
CONFIG = json.dumps({"auths": {"ghcr.io": {"username": "octo", "password": CANARIES["pasted"].text}}})
# As it is copied from between the braces of the page's example.
COPIED = json.dumps({".dockerconfigjson": CONFIG})[1:-1]

LOGIN = (("Account user", "ecp-admin"), ("API key", CANARIES["API key"].text))
REST = (
    ("Registry \\(", "quay.io"),
    ("Username", "acme"),
    ("Password", CANARIES["typed"].text),
    ("Description", "Pulls of the shop"),
)


@dataclass(frozen=True)
class PortalForms:
    """Fills in forms of one portal."""

    playbook: Playbook
    variables: Mapping[str, Any]

    def command(self, name: str, *arguments: str, **variables: Any) -> list[str]:
        given = json.dumps({**self.variables, **variables})
        return [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{name}", "-e", given, *arguments]

    def type(self, name: str, *answers: tuple[str, str], watched: bool = False, **variables: Any) -> Session:
        """Run a playbook at a terminal. Every question must come, and nothing secret may be seen anywhere."""
        directory = self.playbook.directory
        places = watch(directory)
        session = type_into(
            self.command(name, **variables),
            [(asked, text + ENTER) for asked, text in answers],
            environment=self.playbook.environment(TERM="xterm", **places, **(WATCHED if watched else {})),
            directory=directory,
        )
        assert not session.left, session.screen
        self.search(session.raw)
        return session

    def run(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None, **variables: Any) -> Any:
        """Run a playbook where no one can be asked. Return its exit code, and its output in one line."""
        directory = self.playbook.directory
        done = run_program(
            self.command(name, *arguments, **variables),
            env=self.playbook.environment(**{**watch(directory), **(environment or {})}),
            cwd=directory,
        )
        self.search(done.stdout.encode())
        return done.returncode, flat(done.stdout)

    def search(self, screen: bytes) -> None:
        """Look for secrets on the screen, in the log, in what callbacks get, and in files that were left behind."""
        directory = self.playbook.directory
        inputs = [path for path in (directory / "inputs").rglob("*") if path.is_file()]
        places = {"screen": screen, **read_below(directory, leave_out=inputs)}
        assert b"TASK [" in places["ansible.log"]
        assert find_leaks(places, ALL) == []

    def file(self, name: str, text: str) -> str:
        """Write a file of the person who fills in the form, and return its path."""
        folder = self.playbook.directory / "inputs"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        return str(folder / name)


def flat(text: str) -> str:
    """Return a text without line breaks, of the terminal and of JSON."""
    return re.sub(r"(\s|\\n)+", " ", text)


@pytest.fixture(scope="module")
def ecp_behind_prism() -> Iterator[tuple[Ecp, Checked]]:
    with checked_ecp() as (server, front):
        yield server, front


@pytest.fixture
def ecp(ecp_behind_prism: tuple[Ecp, Checked]) -> Ecp:
    server, _front = ecp_behind_prism
    server.accounts["ecp-admin"] = CANARIES["API key"].text
    hub = ("docker-hub", "docker.io", "acme", CANARIES["stored"].text, "Pulls of the shop", None, TIME, TIME)
    user = ("demo-5883", OWN_REGISTRY, "demo-5883", CANARIES["stored"].text)
    managed = PullSecret("b", *user, "Auto created for ECP registry user demo-5883", 1, TIME, TIME)
    server.own = Customer({"a": PullSecret("a", *hub), "b": managed})
    server.in_use.clear()
    server.forget()
    return server


@pytest.fixture
def ecp_forms(ecp: Ecp, playbook: Playbook) -> PortalForms:
    return PortalForms(playbook, {"account_url": ecp.address, "on_behalf_of": ""})


@pytest.fixture(scope="module")
def sap_behind_prism() -> Iterator[tuple[SapAiCore, Checked]]:
    with checked_sap() as (server, front):
        yield server, front


@pytest.fixture
def sap(sap_behind_prism: tuple[SapAiCore, Checked]) -> SapAiCore:
    server, _front = sap_behind_prism
    server.client_secret = CANARIES["client secret"].text
    server.secrets = dict.fromkeys(("training", "web"), json.dumps({"auths": {}}))
    server.limits["dockerRegistrySecrets"] = 50
    server.forget()
    return server


@pytest.fixture
def sap_forms(sap: SapAiCore, playbook: Playbook) -> PortalForms:
    return PortalForms(playbook, {})


def key_file(forms: PortalForms, sap: SapAiCore) -> str:
    return forms.file("key.json", json.dumps(sap.service_key()))


def writes(portal: Ecp | SapAiCore) -> list[str]:
    """Return the methods of the writes up to now."""
    return [method for method, path in portal.asked if method != "GET" and path.startswith((SECRETS, DOCKER))]


def forgive_statuses(front: Checked) -> None:
    """Forgive errors whose statuses are not in the vendor's document, such as 401 and 503, and nothing else."""
    assert front.violations, "the portal has refused nothing"
    assert all("status code" in violation for violation in front.violations), front.violations
    front.violations.clear()


# --- The Edge Computing Platform ----------------------------------------------------------------------------------


@pytest.mark.parametrize("watched", [False, True], ids=["plain", "at -vvvvv"])
def test_add_after_a_wrong_key_and_two_names_that_exist(
    ecp: Ecp, ecp_behind_prism: tuple[Ecp, Checked], ecp_forms: PortalForms, watched: bool
) -> None:
    session = ecp_forms.type(
        "cdnetworks_ecp_add_image_pull_secret",
        ("Account user", "ecp-admin"),
        ("API key", CANARIES["wrong key"].text),
        ("Not accepted[^$]*Account user", "ecp-admin"),
        ("API key", CANARIES["API key"].text),
        ("On behalf of", ""),
        ("Name \\(", "demo-5883"),
        ("belongs to a registry user[^$]*Name \\(", "docker-hub"),
        ("already exists[^$]*choose another\\s+name", ""),
        ("Not accepted[^$]*already exists[^$]*Name \\(", "quay"),
        *REST,
        ("Create it\\?", "yes"),
        watched=watched,
    )

    forgive_statuses(ecp_behind_prism[1])
    assert session.returncode == 0, session.screen
    stored = ecp.own.secret("quay")
    assert (stored.registry, stored.username, stored.password) == ("quay.io", "acme", CANARIES["typed"].text)
    assert stored.description == "Pulls of the shop"
    screen = flat(session.screen)
    assert "Check Account user, API key and On behalf of." in screen
    assert f"Image pull secret quay was created (account ecp-admin at {ecp.address})." in screen
    assert "One image pull secret serves all clusters" in screen
    assert writes(ecp) == ["POST"]


def test_view_leads_to_update_which_keeps_and_clears(ecp: Ecp, ecp_forms: PortalForms) -> None:
    session = ecp_forms.type(
        "cdnetworks_ecp_list_image_pull_secrets",
        *LOGIN,
        ("Filter", "HUB"),
        ("View one of them\\?", "view"),
        ("Name \\(", "docker-hub"),
        ("Change or delete it\\?", "update"),
        ("Username \\(", ""),
        ("Password \\(", CANARIES["typed"].text),
        ("Description \\(", "-"),
        ("Update it\\?", "yes"),
    )

    assert session.returncode == 0, session.screen
    stored = ecp.own.secret("docker-hub")
    assert (stored.username, stored.password, stored.description) == ("acme", CANARIES["typed"].text, "")
    assert "docker.io" in session.screen
    assert "demo-5883" not in session.screen, "it does not match the filter"
    assert "their pulls can fail for a moment" in flat(session.screen)
    assert writes(ecp) == ["PATCH"]


def test_an_outage_during_the_write_loses_no_answer(
    ecp: Ecp, ecp_behind_prism: tuple[Ecp, Checked], ecp_forms: PortalForms
) -> None:
    ecp.fail_next(503, only=f"GET {SECRETS}", retry_after=3600)
    ecp.fail_next(503, only=f"POST {SECRETS}", retry_after=3600)

    session = ecp_forms.type(
        "cdnetworks_ecp_add_image_pull_secret",
        *LOGIN,
        ("503[^$]*Try again with the same answers\\?", "again"),
        ("Name \\(", "quay"),
        *REST,
        ("Create it\\?", "yes"),
        ("503[^$]*Create it\\?", "yes"),
    )

    forgive_statuses(ecp_behind_prism[1])
    assert session.returncode == 0, session.screen
    assert ecp.own.secret("quay").password == CANARIES["typed"].text
    assert writes(ecp) == ["POST", "POST"]


def test_a_platform_that_cannot_be_reached_can_be_changed(ecp: Ecp, ecp_forms: PortalForms) -> None:
    session = ecp_forms.type(
        "cdnetworks_ecp_view_image_pull_secret",
        *LOGIN,
        ("Try again with the same answers\\?[^$]*stop", "again"),
        ("Try again with the same answers\\?[^$]*stop", "change"),
        ("API URL", ecp.address),
        ("Name \\(", "docker-hub"),
        ("Change or delete it\\?", ""),
        account_url="http://127.0.0.1:1",
    )

    assert session.returncode == 0, session.screen
    assert "Pulls of the shop" in session.screen


def test_delete_at_a_terminal(ecp: Ecp, ecp_forms: PortalForms) -> None:
    ecp.in_use.add("docker-hub")
    delete = ("cdnetworks_ecp_delete_image_pull_secret", *LOGIN, ("Name \\(", "docker-hub"))
    used = ecp_forms.type(*delete, ("Delete it\\?", "yes"))
    ecp.in_use.clear()
    refused = ecp_forms.type(*delete, ("Delete it\\?", "no"))
    names = {secret.name for secret in ecp.own.secrets.values()}
    deleted = ecp_forms.type(*delete, ("Delete it\\?", "yes"))

    assert (used.returncode, refused.returncode, deleted.returncode) == (2, 0, 0)
    assert flat(used.screen).count("SecretBeingUsed") == 1, "an error is printed once"
    assert "Nothing was changed." in refused.screen
    assert names == {"docker-hub", "demo-5883"}
    assert [secret.name for secret in ecp.own.secrets.values()] == ["demo-5883"]


def test_ecp_without_a_terminal(ecp: Ecp, ecp_forms: PortalForms) -> None:
    login: dict[str, Any] = {"account_user": "ecp-admin"}
    environment = {
        "KEYRING_ACCOUNT_API_KEY": CANARIES["API key"].text,
        "KEYRING_REGISTRY_PASSWORD": CANARIES["given"].text,
    }

    def run(name: str, *arguments: str, **variables: Any) -> tuple[int, str]:
        code, output = ecp_forms.run(
            f"cdnetworks_ecp_{name}", *arguments, environment=environment, **login, **variables
        )
        return code, output

    code, missing = ecp_forms.run("cdnetworks_ecp_add_image_pull_secret", registry="a b")
    assert code == 2
    names = ("account_user", "account_api_key", "secret_name", "registry", "registry_username", "registry_password")
    assert all(f"{name} (" in missing for name in names), missing

    new = {"secret_name": "quay", "registry": "quay.io", "registry_username": "acme"}
    _code, checked = run("add_image_pull_secret", "--check", **new)
    assert "Image pull secret quay would be created" in checked
    assert writes(ecp) == []
    code, added = run("add_image_pull_secret", "-vvvvv", "--diff", **new)
    assert (code, "Image pull secret quay was created" in added) == (0, True)
    assert ecp.own.secret("quay").password == CANARIES["given"].text
    code, again = run("add_image_pull_secret", **new)
    assert (code, "already exists" in again) == (2, True)

    _code, same = run("update_image_pull_secret", secret_name="quay")
    assert "Image pull secret quay is unchanged" in same
    code, changed = run("update_image_pull_secret", "-vvvvv", secret_name="docker-hub", description="-")
    assert (code, "Image pull secret docker-hub was updated" in changed) == (0, True)
    stored = ecp.own.secret("docker-hub")
    assert (stored.description, stored.password) == ("", CANARIES["given"].text)
    code, managed = run("update_image_pull_secret", secret_name="demo-5883")
    assert (code, '"id": "managed_elsewhere"' in managed) == (2, True)

    code, viewed = run("view_image_pull_secret", "-vvvvv", secret_name="docker-hub")
    assert (code, "Registry docker.io Username acme Password (hidden)" in viewed) == (0, True), viewed
    elsewhere = {"expect_server": "https://ngapi.example.com"}
    code, unexpected = run("list_image_pull_secrets", cdnetworks_ecp_connection=elsewhere)
    assert (code, '"id": "unexpected_server"' in unexpected) == (2, True), unexpected
    _code, listed = run("list_image_pull_secrets", filter="Q")
    assert "1 image pull secret (account ecp-admin" in listed
    code, unconfirmed = run("delete_image_pull_secret", secret_name="quay")
    assert (code, "Set it with -e confirm=yes. Nothing was changed." in unconfirmed) == (2, True)
    code, deleted = run("delete_image_pull_secret", secret_name="quay", confirm=True)
    assert (code, "Image pull secret quay was deleted" in deleted) == (0, True)


def test_an_automation_platform_is_never_asked(ecp_forms: PortalForms) -> None:
    session = ecp_forms.type("cdnetworks_ecp_view_image_pull_secret", awx_job_id=1)

    assert session.returncode == 2
    assert "account_user (Account user)" in session.screen


# --- SAP AI Core --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("watched", [False, True], ids=["plain", "at -vvvvv"])
def test_add_a_secret_of_the_launchpad(sap: SapAiCore, sap_forms: PortalForms, watched: bool) -> None:
    wrong = json.dumps({**sap.service_key(), "clientsecret": CANARIES["wrong client secret"].text})
    session = sap_forms.type(
        "sap_ai_core_add_docker_registry_secret",
        ("Service key", wrong),
        ("Not accepted[^$]*Service key", key_file(sap_forms, sap)),
        ("Name \\(", "Web"),
        ("Name, again", "web"),
        ("already exists[^$]*choose another\\s+name", ""),
        ("Not accepted[^$]*Name \\(", "images"),
        ("Secret \\(", '{"auths": {"ghcr.io": {"username": "octo"}}}'),
        ("Secret, again", COPIED),
        ("Create it\\?", "yes"),
        watched=watched,
    )

    assert session.returncode == 0, session.screen
    entry = json.loads(sap.secrets["images"])["auths"]["ghcr.io"]
    assert (entry["username"], entry["password"]) == ("octo", CANARIES["pasted"].text)
    screen = flat(session.screen)
    assert f"Tenant acme-tenant at {sap.address}" in screen
    assert "Registry ghcr.io, user octo Quota 2 of 50 used" in screen
    assert "Each registry must be reachable from the internet." in screen
    assert writes(sap) == ["POST"]


def test_an_existing_name_leads_to_the_update(sap: SapAiCore, sap_forms: PortalForms) -> None:
    session = sap_forms.type(
        "sap_ai_core_add_docker_registry_secret",
        ("Service key", key_file(sap_forms, sap)),
        ("Name \\(", "web"),
        ("already exists", "update"),
        ("Secret \\(", sap_forms.file("secret.txt", CONFIG)),
        ("replaces the whole value[^$]*Replace it\\?", "yes"),
    )

    assert session.returncode == 0, session.screen
    assert json.loads(sap.secrets["web"])["auths"].keys() == {"ghcr.io"}
    assert writes(sap) == ["PATCH"]


def test_a_full_quota_and_a_large_file(sap: SapAiCore, sap_forms: PortalForms) -> None:
    sap.limits["dockerRegistrySecrets"] = 2
    large = sap_forms.file("large.json", CONFIG[:-1] + " " * 11_000 + "}")
    given: dict[str, Any] = {"service_key_file": key_file(sap_forms, sap)}

    full = sap_forms.type("sap_ai_core_add_docker_registry_secret", ("Name \\(", "images"), **given)
    code, refused = sap_forms.run(
        "sap_ai_core_update_docker_registry_secret", secret_name="web", docker_config_file=large, **given
    )

    assert full.returncode == 2
    assert "The tenant has 2 Docker registry secrets, and its quota is 2." in flat(full.screen)
    assert "Secret (required)" not in full.screen
    assert (code, "At most 10240 are allowed." in refused) == (2, True), refused
    assert writes(sap) == []


def test_an_outage_of_sap_during_the_write(sap: SapAiCore, sap_forms: PortalForms) -> None:
    sap.fail_next(503, only=f"GET {DOCKER}", retry_after=3600)
    sap.fail_next(503, only=f"POST {DOCKER}", retry_after=3600)

    session = sap_forms.type(
        "sap_ai_core_add_docker_registry_secret",
        ("Service key", key_file(sap_forms, sap)),
        ("503[^$]*Try again with the same answers\\?", "again"),
        ("Name \\(", "images"),
        ("Secret \\(", CONFIG),
        ("Create it\\?", "yes"),
        ("503[^$]*Create it\\?", "yes"),
    )

    assert session.returncode == 0, session.screen
    assert writes(sap) == ["POST", "POST"]
    assert "images" in sap.secrets


def test_the_list_leads_to_a_deletion(sap: SapAiCore, sap_forms: PortalForms) -> None:
    session = sap_forms.type(
        "sap_ai_core_list_docker_registry_secrets",
        ("Service key", json.dumps(sap.service_key())),
        ("Filter", ""),
        ("Replace or delete one of them\\?", "delete"),
        ("Name \\(", "trainnig"),
        ("Did you mean\\s+training\\?[^$]*Name \\(", "training"),
        ("Delete it\\?", "yes"),
    )

    assert session.returncode == 0, session.screen
    assert "Quota: 2 of 50 used." in session.screen
    assert "does not list which executions and deployments use a secret" in flat(session.screen)
    assert sap.secrets.keys() == {"web"}


def test_sap_without_a_terminal(sap: SapAiCore, sap_forms: PortalForms) -> None:
    given: dict[str, Any] = {"service_key_file": key_file(sap_forms, sap)}
    secret: dict[str, Any] = {"secret_name": "images", "docker_config_file": sap_forms.file("secret.json", COPIED)}

    code, missing = sap_forms.run("sap_ai_core_add_docker_registry_secret")
    assert code == 2
    assert all(f"{name} (" in missing for name in ("service_key", "secret_name", "docker_config")), missing
    _code, checked = sap_forms.run("sap_ai_core_add_docker_registry_secret", "--check", **given, **secret)
    assert "Docker registry secret images would be created" in checked
    assert writes(sap) == []
    code, added = sap_forms.run("sap_ai_core_add_docker_registry_secret", "-vvvvv", "--diff", **given, **secret)
    assert (code, "Docker registry secret images was created" in added) == (0, True)
    code, again = sap_forms.run("sap_ai_core_add_docker_registry_secret", **given, **secret)
    assert (code, "sap_ai_core_update_docker_registry_secret" in again) == (2, True)

    update = "sap_ai_core_update_docker_registry_secret"
    code, unconfirmed = sap_forms.run(update, **given, **secret)
    assert (code, "Set it with -e confirm=yes. Nothing was changed." in unconfirmed) == (2, True)
    code, updated = sap_forms.run(
        update,
        "-vvvvv",
        environment={"KEYRING_SERVICE_KEY": json.dumps(sap.service_key()), "KEYRING_DOCKER_CONFIG": CONFIG},
        secret_name="images",
        confirm=True,
    )
    assert (code, "Docker registry secret images was updated" in updated) == (0, True), updated
    _code, listed = sap_forms.run("sap_ai_core_list_docker_registry_secrets", filter="IM", **given)
    assert "NAME images 1 Docker registry secret (tenant acme-tenant" in listed
    code, deleted = sap_forms.run(
        "sap_ai_core_delete_docker_registry_secret", secret_name="images", confirm=True, **given
    )
    assert (code, "Docker registry secret images was deleted" in deleted) == (0, True)
    assert writes(sap) == ["POST", "PATCH", "DELETE"]
