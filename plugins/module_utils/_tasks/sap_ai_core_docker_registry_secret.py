# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module sap_ai_core_docker_registry_secret: options in, result out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._cluster.refused import OutcomeUnknown
from .._credentials.docker_config import TYPE
from .._credentials.expiry import Renewal
from .._credentials.registries import Registry
from .._dataclasses import dataclass
from .._errors import KeyringError, MissingCredential
from .._minting.minting import Tokens, replaces_a_password
from .._portals.portal_looks import look_until
from .._portals.portal_refusal import PortalRefused
from .._portals.portal_requests import ChangedMeanwhile, PortalAnswer, PortalApi, decide_until_known
from .._portals.sap_docker import (
    DockerSecretOperation,
    DockerSecretState,
    DockerSecretUpdate,
    check_docker_secret_name,
    get_docker_secret_text,
    plan_docker_secret,
    view_docker_secret_diff,
    warn_docker_secret_size,
)
from .._portals.sap_docker_requests import (
    create_docker_secret,
    delete_docker_secret,
    explain_docker_refusal,
    has_docker_secret,
    read_docker_secret_quota,
    update_docker_secret,
)
from .._portals.sap_quota import SapQuota, refuse_full_quota
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.host import Lazy
from .._runtime.options import Options
from .._runtime.shown import IMAGE, NAME
from .._secret.plan import Plan, Secret
from .._secret.pull_secret import list_registries, merge_pull_secret
from .given_registries import DOCKER_CONFIG_OPTIONS, DOCKER_CONFIG_SOURCES, REGISTRY_OPTIONS, parse_given_registries
from .sap_options import SAP_CONSTRAINTS, SAP_OPTIONS, open_sap, parse_tenant, parse_wait, require_in_use_ignored
from .shared_checks import refuse_secrets
from .verify_options import VERIFY_WRITES, parse_verify_writes, read_certificates

if TYPE_CHECKING:
    from .._images.preflight import Preflight
    from .._registry.verification import VerifyOptions
    from .written_credentials import Require, WrittenCredentials

OPTIONS: Options = {
    "name": {"type": "str", "required": True, "context": NAME},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            **REGISTRY_OPTIONS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
    },
    **DOCKER_CONFIG_OPTIONS,
    "update_credentials": {"type": "str", "choices": ["always", "when_given", "on_create"], "default": "always"},
    "purge_registries": {"type": "bool"},
    "images": {"type": "list", "elements": "str", "context": IMAGE},
    "preflight": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
    **VERIFY_WRITES,
    "in_use": {"type": "str", "choices": ["refuse", "warn", "ignore"], "default": "refuse"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 60},
    **SAP_OPTIONS,
}

# Why options that exist elsewhere are refused here.
_REPLACES = "SAP AI Core replaces the whole value of the secret, and never returns it."


@dataclass(frozen=True)
class DockerSecretOptions:
    """The options of sap_ai_core_docker_registry_secret. ``registries`` has the entries of a docker config, too.

    ``wait`` are the seconds to wait until a write is seen, None for not at all. For an absent secret nothing of its
    value is parsed.
    """

    name: str
    state: DockerSecretState
    update: DockerSecretUpdate = "always"
    wait: int | None = None
    registries: tuple[Registry, ...] = ()
    images: tuple[str, ...] = ()
    preflight: Preflight = "fail"
    verification: VerifyOptions | None = None
    require: Require = "not_denied"


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one Docker registry secret present or absent. Raises KeyringError before anything is written for bad input.

    The first request gets an access token.
    """
    now = datetime.now(timezone.utc)
    tenant = parse_tenant(params, runtime)
    options = parse_options(params, runtime, now)
    refuse_secrets({"name": options.name}, runtime, "Docker registry secrets")
    value = DockerSecretValue(options, runtime, now, read_certificates(options.verification, runtime.files))
    with open_sap(tenant, runtime) as api:
        task = _DockerSecretTask(api, options, runtime, value)
        try:
            operation = decide_until_known(api, task.settle)
        except KeyringError as error:
            error.changed = error.changed or task.has_written
            error.facts = {**task.describe(), **value.describe(), **error.facts}
            raise
        finally:
            runtime.warnings.extend(value.warnings())
    result = {
        "changed": operation in ("created", "updated", "deleted"),
        "operation": operation,
        **task.describe(),
        **value.describe(),
        "portal": tenant.describe(),
    }
    if runtime.diff:
        result["diff"] = view_docker_secret_diff(options.name, operation, value.secret)
    return result


def parse_options(params: Mapping[str, Any], runtime: Runtime, now: datetime) -> DockerSecretOptions:
    """Parse the options of the task, at ``now``, without those that select the tenant.

    The secrets among them go to the scrubber at once. Raises KeyringError, with the full name of the option.
    """
    check_docker_secret_name(params["name"])
    seconds = parse_wait(params)
    wait = seconds if params["wait"] else None
    if params["state"] == "absent":
        require_in_use_ignored(params)
        return DockerSecretOptions(params["name"], "absent", wait=wait)
    _refuse_partial_changes(params)
    try:
        registries, warnings = parse_given_registries(params, "always", runtime, now)
    except MissingCredential as error:
        raise KeyringError(
            error.what,
            f"{_REPLACES} So each registry needs both username and password.",
            "Give it.",
            option=error.option,
        ) from None
    runtime.warnings.extend(warnings)
    if not registries:
        raise KeyringError(
            "The task names no registry.",
            "A Docker registry secret without registries serves nothing.",
            "Give registries, docker_config or docker_config_file.",
            option="registries",
        )
    for registry in registries:
        _refuse_replaced_password(registry)
        # As a server would quote it that has read it as JSON in JSON.
        runtime.scrubber.add(json.dumps(registry.password or "")[1:-1])
    return DockerSecretOptions(
        params["name"],
        "present",
        update=params["update_credentials"],
        wait=wait,
        registries=tuple(registries),
        images=tuple(params["images"] or ()),
        preflight=params["preflight"],
        verification=parse_verify_writes(params),
        require=params["verify_require"],
    )


def _refuse_partial_changes(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for options that change a part of a stored value, which SAP AI Core does not return."""
    if params["update_credentials"] == "when_given":
        raise KeyringError(
            "update_credentials=when_given is not possible.",
            f"{_REPLACES} What is not given cannot be kept.",
            "Use always and give all credentials, or on_create to leave an existing secret as it is.",
            option="update_credentials",
        )
    if params["purge_registries"] is not None:
        raise KeyringError(
            "purge_registries has no meaning here.",
            f"{_REPLACES} Registries that the task does not list are always removed.",
            "Leave it out, and list all registries of the secret.",
            option="purge_registries",
        )
    for index, item in enumerate(params["registries"]):
        if item["state"] == "absent":
            raise KeyringError(
                f"registries[{index}].state=absent is not possible.",
                f"{_REPLACES} A registry is removed by not listing it.",
                "Remove the item, and list all other registries of the secret.",
                option=f"registries[{index}].state",
            )


def _refuse_replaced_password(registry: Registry) -> None:
    """Raise KeyringError for a preset that makes a stored password invalid by each token that it mints."""
    if replaces_a_password([registry]):
        option = f"{registry.option}.preset_options.refresh_secret"
        raise KeyringError(
            f"{option} is not possible.",
            f"{_REPLACES} Each run would set a new secret of the robot account, and make the old one invalid.",
            "Give its password.",
            option=option,
        )


class DockerSecretValue:
    """The value that a task writes, made when it is first needed: tokens are minted then, and registries asked."""

    def __init__(self, options: DockerSecretOptions, runtime: Runtime, now: datetime, ca: bytes | None) -> None:
        self._options = options
        self._tokens = Tokens(options.registries, Renewal(now), "always", runtime)
        self._verification = _choose_verification(options, ca, runtime)
        self._build = Lazy(self._build_once)
        self._served: list[dict[str, Any]] | None = None
        self._warnings: list[str] = []
        self.secret: Secret | None = None

    def render(self) -> str:
        """Return the docker config as SAP AI Core takes it.

        Raises KeyringError for what cannot be minted, for an image that is not served, and for refused credentials.
        """
        return self._build()

    def describe(self) -> dict[str, Any]:
        """Return the fields of the result of the task."""
        if self._options.state == "absent":
            return {}
        found: dict[str, Any] = {
            "registries": None if self.secret is None else list_registries(self.secret),
            **self._tokens.describe(),
        }
        if self._options.images:
            found["images"] = self._served
        if self._verification:
            found.update(self._verification.describe())
        return found

    def warnings(self) -> list[str]:
        """Return sentences about what is written, or would have been; none if nothing is."""
        asked = self._verification.warnings() if self._verification else []
        return [*self._warnings, *self._tokens.warnings, *asked]

    def _build_once(self) -> str:
        options = self._options
        payload = merge_pull_secret(None, options.registries, purge=True, update="always", renew=self._tokens.renew)
        self._tokens.note(payload.notes["next_run_before"])
        if options.images:
            from .._images.preflight import check_served

            payload = check_served(None, payload, options.images, options.preflight)
            self._served = payload.notes["images"]
        secret: Secret = {
            "type": TYPE,
            "metadata": {"namespace": "", "name": options.name, "annotations": payload.annotations},
            "data": payload.data,
        }
        text = get_docker_secret_text(secret)
        self._warnings = [*payload.warnings, *warn_docker_secret_size(text)]
        if self._verification:
            self._verification.check([Plan("created", None, secret)])
        self.secret = secret
        return text


def _choose_verification(options: DockerSecretOptions, ca: bytes | None, runtime: Runtime) -> WrittenCredentials | None:
    """Return the verification of what the task would write; None if it is not wanted."""
    if options.verification is None:
        return None
    from .written_credentials import WrittenCredentials

    return WrittenCredentials(options.registries, options.images, options.verification, options.require, ca, runtime)


class _DockerSecretTask:
    """The requests of one task, and what it knows from them."""

    def __init__(
        self, api: PortalApi, options: DockerSecretOptions, runtime: Runtime, value: DockerSecretValue
    ) -> None:
        self._api, self._options, self._runtime, self._value = api, options, runtime, value
        self._quota: SapQuota | None = None
        self._request_id: str | None = None
        # The verbs of the writes that were accepted, or whose outcome is unknown.
        self._sent: set[str] = set()

    @property
    def has_written(self) -> bool:
        """Return whether the portal may have applied a write."""
        return bool(self._sent)

    def describe(self) -> dict[str, Any]:
        """Return the fields of the result of the task."""
        return {
            "name": self._options.name,
            "compared": False,
            "quota": self._quota.describe() if self._quota else None,
            "request_id": self._request_id,
        }

    def settle(self) -> DockerSecretOperation:
        """Read, decide and write. Called again if the outcome of the write is unknown, or if it no longer fits."""
        options = self._options
        operation = plan_docker_secret(has_docker_secret(self._api, options.name), options.state, options.update)
        if operation == "created":
            self._check_quota()
        if operation in ("created", "updated"):
            self._value.render()
        if not self._runtime.check_mode:
            self._write(operation)
        if "create" in self._sent and options.state == "present":
            return "created"
        if "delete" in self._sent and options.state == "absent":
            return "deleted"
        return operation

    def _check_quota(self) -> None:
        """Ask for the quota, once. Raises KeyringError if it is full."""
        if self._quota is None:
            self._quota, warnings = read_docker_secret_quota(self._api)
            self._runtime.warnings.extend(warnings)
            refuse_full_quota(self._quota, "Docker registry secrets")

    def _write(self, operation: DockerSecretOperation) -> None:
        api, name = self._api, self._options.name
        if operation == "created":
            self._send("create", lambda: create_docker_secret(api, name, self._value.render()))
            self._await(exists=True)
        elif operation == "updated":
            self._send("update", lambda: update_docker_secret(api, name, self._value.render()))
            self._check_updated()
        elif operation == "deleted":
            self._send("delete", lambda: delete_docker_secret(api, name))
            self._await(exists=False)

    def _send(self, verb: str, send: Callable[[], PortalAnswer]) -> None:
        """Send a write and note it. Raises ChangedMeanwhile, OutcomeUnknown and KeyringError."""
        try:
            answer = send()
        except OutcomeUnknown:
            self._sent.add(verb)
            raise
        except PortalRefused as refused:
            error = explain_docker_refusal(self._api, refused, verb, self._options.name)
            if verb == "create":
                self._judge_refused_create(refused, error)
                return
            if refused.status in (404, 409):
                raise ChangedMeanwhile(error) from None
            raise error from None
        self._sent.add(verb)
        self._request_id = answer.request_id

    def _judge_refused_create(self, refused: PortalRefused, error: KeyringError) -> None:
        """Return if an earlier request of this task is what stands in the way: the secret is about to appear.

        Raises ChangedMeanwhile if the secret may have been created meanwhile, and KeyringError for any other refusal.
        The API declares no status for a name that exists.
        """
        if refused.status == 409 and "create" in self._sent:
            return
        exists = refused.status == 400 and has_docker_secret(self._api, self._options.name)
        if exists or refused.status == 409 or "create" in self._sent:
            raise ChangedMeanwhile(error) from None
        raise error from None

    def _check_updated(self) -> None:
        """Look once more, if the task waits. Raises ChangedMeanwhile if an earlier deletion has removed the secret."""
        name = self._options.name
        if self._options.wait is None or has_docker_secret(self._api, name):
            return
        raise ChangedMeanwhile(
            KeyringError(
                f"Docker registry secret {name} disappeared after it was updated.",
                "SAP AI Core processes deletions later, and one that was requested before may still be going on.",
                "Run the task again.",
                changed=True,
                failure="outcome_unknown",
            )
        )

    def _await(self, *, exists: bool) -> None:
        """Wait until an accepted write is seen. Raises KeyringError if it is not seen in time."""
        api, name, seconds = self._api, self._options.name, self._options.wait
        if seconds is None or look_until(api.connection, lambda: has_docker_secret(api, name) is exists, seconds):
            return
        seen = "appear" if exists else "disappear"
        raise KeyringError(
            f"SAP AI Core accepted the request for Docker registry secret {name}, which did not {seen} within "
            f"{seconds} seconds.",
            "It processes requests later, and does not report when one fails.",
            "Run the task again, or increase wait_timeout.",
            changed=True,
            failure="outcome_unknown",
        )


DEFINITION = TaskDefinition(
    run,
    OPTIONS,
    {**SAP_CONSTRAINTS, "mutually_exclusive": [*SAP_CONSTRAINTS["mutually_exclusive"], DOCKER_CONFIG_SOURCES]},
)
