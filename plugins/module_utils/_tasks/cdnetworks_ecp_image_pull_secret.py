# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module cdnetworks_ecp_image_pull_secret: options in, result out."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._cluster.refused import OutcomeUnknown
from .._credentials.docker_config import KEY, TYPE, render_docker_config, write_credentials
from .._credentials.expiry import Renewal, choose_renewal, warn_password
from .._credentials.registries import Registry, auth_of, find_given_secrets, parse_registry, warn_registries
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._minting.minting import Tokens, replaces_a_password
from .._portals.ecp_pull_secret import (
    DesiredPullSecret,
    EcpPlan,
    ListedPullSecret,
    StoredPullSecret,
    build_new_pull_secret,
    check_description,
    check_pull_secret_name,
    continue_plan,
    describe_pull_secret_after,
    plan_absent_pull_secret,
    plan_pull_secret,
    view_pull_secret_diff,
)
from .._portals.ecp_pull_secret_requests import (
    WrittenPullSecret,
    create_pull_secret,
    delete_pull_secret,
    find_listed_pull_secret,
    find_pull_secret,
    update_pull_secret,
)
from .._portals.portal_requests import PortalApi, decide_until_known
from .._runtime.execute import Result, Runtime, TaskDefinition, facts_on_failure
from .._runtime.options import Options
from .._runtime.shown import ADDRESS, IMAGE, NAME, TEXT, USERNAME
from .._secret.plan import Plan
from .ecp_options import ECP_OPTIONS, EcpTenant, open_ecp, parse_ecp_tenant, refuse_secret_names
from .shared_checks import refuse_secrets
from .verify_options import VERIFY_WRITES, check_required_images, parse_verify_options, read_certificates

if TYPE_CHECKING:
    from .._registry.verification import VerifyOptions
    from .written_credentials import Require, WrittenCredentials

OPTIONS: Options = {
    "name": {"type": "str", "required": True, "context": NAME},
    **ECP_OPTIONS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "registry": {
        "type": "dict",
        "options": {
            "server": {"type": "str", "context": ADDRESS},
            "preset": {"type": "str", "context": TEXT},
            "preset_options": {"type": "dict"},
            "username": {"type": "str", "context": USERNAME},
            "password": {"type": "str", "no_log": True},
        },
    },
    "description": {"type": "str", "context": TEXT},
    "update_credentials": {"type": "str", "choices": ["always", "when_given", "on_create"], "default": "always"},
    "recreate": {"type": "bool", "default": False},
    "images": {"type": "list", "elements": "str", "context": IMAGE},
    **VERIFY_WRITES,
}


@dataclass(frozen=True)
class EcpPullSecretOptions:
    """The options of cdnetworks_ecp_image_pull_secret. ``desired`` is None for an absent pull secret."""

    tenant: EcpTenant
    name: str
    renewal: Renewal
    desired: DesiredPullSecret | None = None
    images: tuple[str, ...] = ()
    verification: VerifyOptions | None = None
    require: Require = "not_denied"


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one pull secret present or absent. Raises KeyringError before anything is written for bad input."""
    options = parse_options(params, runtime, datetime.now(timezone.utc))
    ca = read_certificates(options.verification, runtime.files)
    with open_ecp(options.tenant, runtime) as api, facts_on_failure(name=options.name):
        steps = EcpPullSecretSteps(options, api, runtime, ca)
        try:
            plan = decide_until_known(api, steps.decide)
        except KeyringError as error:
            steps.restore_deleted(error)
            error.changed = error.changed or steps.has_begun
            error.facts = {**steps.describe(), **error.facts}
            raise
        finally:
            runtime.warnings.extend(steps.warnings())
    result: Result = {
        "changed": plan.operation != "unchanged",
        "operation": plan.operation,
        "name": options.name,
        "secret": describe_pull_secret_after(plan, options.name),
        "portal": options.tenant.describe(),
        "request_id": steps.request_id,
        **steps.describe(),
    }
    if result["changed"] and runtime.diff:
        result["diff"] = view_pull_secret_diff(plan, options.name)
    return result


class EcpPullSecretSteps:
    """The steps of a task: read, decide, ask the registry, write. They are repeated after a write whose end is unknown.

    ``request_id`` is the platform's ID of the last write, None if there was none. ``_deleted`` is the pull secret that
    was or may be deleted to be created for another registry, until that is done.
    """

    def __init__(self, options: EcpPullSecretOptions, api: PortalApi, runtime: Runtime, ca: bytes | None) -> None:
        self._options, self._api, self._runtime = options, api, runtime
        self._begun: EcpPlan | None = None
        self._tokens: Tokens | None = None
        self._verification: WrittenCredentials | None = None
        self._deleted: StoredPullSecret | None = None
        self.request_id: str | None = None
        desired = options.desired
        if desired is None:
            return
        self._tokens = Tokens([desired.registry], options.renewal, desired.update, runtime)
        if options.verification:
            from .written_credentials import WrittenCredentials

            self._verification = WrittenCredentials(
                [desired.registry], options.images, options.verification, options.require, ca, runtime
            )

    @property
    def has_begun(self) -> bool:
        """Return whether a write was sent that was applied, in whole or in part, or may have been."""
        return self._begun is not None

    def decide(self) -> EcpPlan:
        """Read the pull secret, decide and write; return what the task has done up to now.

        Raises ChangedMeanwhile, OutcomeUnknown and KeyringError.
        """
        stored = find_pull_secret(self._api, self._options.name, self._runtime.scrubber.add)
        self._refuse_secret_id(stored.listed if stored else None)
        plan = self._plan(stored)
        self._runtime.warnings.extend(plan.warnings)
        self._verify(plan)
        if plan.operation != "unchanged" and not self._runtime.check_mode:
            try:
                plan = self._apply(plan)
            except OutcomeUnknown:
                self._begin(plan)
                raise
        return continue_plan(self._begun, plan)

    def describe(self) -> dict[str, Any]:
        """Return the fields of the result about tokens and verification."""
        fields: dict[str, Any] = {}
        if self._tokens:
            fields.update(self._tokens.describe())
        if self._verification:
            fields.update(self._verification.describe())
        return fields

    def warnings(self) -> list[str]:
        """Return the warnings about tokens and verification."""
        warnings = list(self._tokens.warnings) if self._tokens else []
        return [*warnings, *self._verification.warnings()] if self._verification else warnings

    def _plan(self, stored: StoredPullSecret | None) -> EcpPlan:
        desired = self._options.desired
        if desired is None or self._tokens is None:
            return plan_absent_pull_secret(stored)
        if self._deleted and desired.description is None:
            desired = dataclasses.replace(desired, description=self._deleted.content.description)
        plan = plan_pull_secret(stored, desired, self._tokens.renew)
        self._tokens.note(plan.after.expires_at if plan.after else None)
        return plan

    def _verify(self, plan: EcpPlan) -> None:
        """Ask the registry about the credentials that would be written. Raises KeyringError if they must not be."""
        desired = self._options.desired
        if self._verification is None or desired is None or plan.login is None:
            return
        server = desired.registry.server
        config = render_docker_config({"auths": {server: write_credentials({}, plan.login)}})
        secret = {
            "metadata": {"namespace": "", "name": desired.name},
            "type": TYPE,
            "data": {KEY: base64.b64encode(config.encode()).decode()},
        }
        self._verification.check([Plan("created", None, secret)])

    def _apply(self, plan: EcpPlan) -> EcpPlan:
        """Write what differs, and return the plan with what the platform says about the pull secret."""
        if plan.operation == "updated" and plan.before:
            written = self._note(plan, update_pull_secret(self._api, plan.before.listed, plan.body))
            listed = dataclasses.replace(plan.before.listed, last_updated=written.last_updated)
            return dataclasses.replace(plan, listed=listed)
        if plan.before:
            self._note(plan, delete_pull_secret(self._api, plan.before.listed))
            if plan.after is None:
                return plan
        written = self._note(plan, create_pull_secret(self._api, self._options.name, plan.body))
        self._deleted = None
        return dataclasses.replace(plan, listed=self._find_created(written))

    def _find_created(self, written: WrittenPullSecret) -> ListedPullSecret | None:
        """Return the new pull secret by the ID in the answer; where this has none, that of the list."""
        identity, name = written.identity, self._options.name
        if identity is not None and self._runtime.scrubber.clean(identity) == identity:
            return ListedPullSecret(identity, name, "", None, None)
        listed = find_listed_pull_secret(self._api, name)
        self._refuse_secret_id(listed)
        return listed

    def restore_deleted(self, error: KeyringError) -> None:
        """Create the pull secret again that the task has deleted in vain, and add to the error what became of it."""
        previous = self._deleted
        if previous is None:
            return
        try:
            found = decide_until_known(self._api, lambda: self._find_or_create(previous))
        except KeyringError:
            error.args = (f"{error} The previous pull secret was deleted, and creating it again failed too.",)
            return
        is_another = found is None or found.listed.identity != previous.listed.identity
        if is_another and (found is None or found.content.registry == previous.content.registry):
            error.args = (f"{error} The previous pull secret was created again.",)

    def _find_or_create(self, previous: StoredPullSecret) -> StoredPullSecret | None:
        """Return the pull secret that the platform has; if there is none, create the previous one and return None."""
        name = previous.listed.name
        stored = find_pull_secret(self._api, name, self._runtime.scrubber.add)
        if stored is None:
            create_pull_secret(self._api, name, build_new_pull_secret(name, previous.content))
        return stored

    def _refuse_secret_id(self, listed: ListedPullSecret | None) -> None:
        """Raise KeyringError if the ID that the platform lists contains a secret of the task."""
        if listed:
            refuse_secret_names(self._api, f"pull secret {listed.name}", [listed.identity], self._runtime)

    def _begin(self, plan: EcpPlan) -> None:
        """Note a plan that was applied, in whole or in part, or may have been."""
        self._begun = self._begun or plan
        if plan.operation == "recreated":
            self._deleted = plan.before

    def _note(self, plan: EcpPlan, written: WrittenPullSecret) -> WrittenPullSecret:
        """Note a write that was applied, before anything else can fail."""
        self._begin(plan)
        self.request_id = written.request_id
        return written


def parse_options(params: Mapping[str, Any], runtime: Runtime, now: datetime) -> EcpPullSecretOptions:
    """Parse the options of the task, at ``now``.

    The secrets among them go to the scrubber at once, before anything can be said about them. Raises KeyringError, with
    the full name of the option.
    """
    given = params["registry"] or {}
    runtime.scrubber.add(*find_given_secrets(given))
    tenant = parse_ecp_tenant(params, runtime)
    check_pull_secret_name(params["name"], "name")
    renewal = choose_renewal(now, None, force=False)
    if params["state"] == "absent":
        refuse_secrets({"name": params["name"]}, runtime, "pull secrets")
        return EcpPullSecretOptions(tenant, params["name"], renewal)
    registry = _parse_one_registry(given, params)
    runtime.scrubber.add(auth_of(registry) or "")
    runtime.warnings.extend(warn_registries([registry]))
    expired = warn_password(registry.password, None, now, registry.option)
    if expired:
        runtime.warnings.append(expired)
    check_description(params["description"])
    refuse_secrets({"name": params["name"], "description": params["description"]}, runtime, "pull secrets")
    verification = parse_verify_options(params)
    _check_images(params)
    return EcpPullSecretOptions(
        tenant,
        params["name"],
        renewal,
        desired=DesiredPullSecret(
            params["name"],
            registry,
            params["description"],
            params["update_credentials"],
            params["recreate"],
        ),
        images=tuple(params["images"] or ()),
        verification=verification,
        require=params["verify_require"],
    )


def _parse_one_registry(given: Mapping[str, Any], params: Mapping[str, Any]) -> Registry:
    """Return the registry of the task. Raises KeyringError for a preset that stands for several."""
    registries = parse_registry(given, "registry", params["update_credentials"])
    if len(registries) > 1:
        raise KeyringError(
            f"registry.preset stands for {len(registries)} servers.",
            "A pull secret of the platform has one registry.",
            "Choose one of them with registry.preset_options, or write a task for each with registry.server.",
            option="registry.preset",
        )
    if replaces_a_password(registries):
        raise KeyringError(
            "registry.preset_options.refresh_secret cannot be used with the platform.",
            "It stores no expiry time, so each run would replace the secret of the robot account everywhere.",
            "Give registry.password.",
            option="registry.preset_options.refresh_secret",
        )
    return registries[0]


def _check_images(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for images that are none, that nothing would be asked about, or that are missing."""
    check_required_images(params)
    if params["images"] is None:
        return
    if not params["verify"]:
        raise KeyringError(
            "images is given without verify.",
            "It lists what a registry is asked about.",
            "Set verify=true, or leave it out.",
            option="images",
        )
    from .._images.preflight import check_images

    check_images(params["images"])


DEFINITION = TaskDefinition(run, OPTIONS)
