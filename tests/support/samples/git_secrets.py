# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of gitsync_secret without a cluster: its options, the Secret that it would write, what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.observed import TargetNamespace
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.plan_change import plan_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.secret_task import SecretTask
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import OneNamespace, Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_credential import GitCredential
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.string_options import (
    unwrap_mappings,
    wrap_mappings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import MANAGED_BY, ORIGIN
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_options import OPTIONS, parse_options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret import (
    Copy,
    SharedKey,
    copy_credential,
    make_present_task,
)
from support.samples.keys import public_line
from support.samples.secrets import decode, encode, stored_secret

SSH_URL = "ssh://git@git.example.com/team/app.git"
SCP_URL = "git@git.example.com:team/app.git"
HTTPS_URL = "https://git.example.com/team/app.git"
HOSTS = f"git.example.com {public_line('Ed25519')}\n"
OTHER_HOSTS = f"git.example.org {public_line('RSA')}\n"
ADA = {"username": "ada", "password": "s3cret"}


def params_of(**options: Any) -> dict[str, Any]:
    """The options of a task as Ansible hands them over: checked, and with what is given by default."""
    name = "gitsync-secret-app" if options.get("format") == "primehub" else "registry"
    result = ArgumentSpecValidator(OPTIONS).validate(wrap_mappings({"name": name, **options}, OPTIONS))
    assert not result.error_messages
    return unwrap_mappings(options, result.validated_parameters, OPTIONS)


def context_of(*, check_mode: bool = False, files: Mapping[str, bytes] | None = None) -> Runtime:
    return Runtime(check_mode=check_mode, environ={}, files=files or {})


class GitTask:
    """One run of gitsync_secret for the namespace web, up to the plan."""

    def __init__(
        self,
        source: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        *,
        check_mode: bool = False,
        **options: Any,
    ) -> None:
        """Copy one Secret by a mapping, and several by a list; ``options`` then has the items of the list."""
        self.context = context_of(check_mode=check_mode)
        sources = [source] if isinstance(source, Mapping) else list(source or ())
        if isinstance(source, Mapping):
            options["credentials_from"] = {"name": "source", "namespace": "ops", **options.get("credentials_from", {})}
        self.options = parse_options(params_of(**options), self.context)
        placed, self.copy_warnings = self.options.given, list[str]()
        if sources:
            copies = []
            for given, secret in zip(self.options.sources, sources, strict=True):
                copies.append(Copy(given, secret, f"{given.secret.option} (Secret ops/{given.secret.name})"))
            placed, self.copy_warnings = copy_credential(self.options, self.context, copies)
        assert placed
        self.credential: GitCredential = placed.credential
        self.shared = SharedKey(self.options, self.credential, self.context)
        connection = cast(Connection, None)  # planning needs none
        given_targets = self.options.secret.targets
        targets = given_targets if isinstance(given_targets, Selection) else OneNamespace("web")
        self.task: SecretTask = make_present_task(self.options, placed, self.shared, targets, self.context, connection)

    def plan(self, existing: Mapping[str, Any] | None = None) -> Plan:
        return plan_secret(self.task, TargetNamespace("web", "active"), existing)


def plan_of(existing: Mapping[str, Any] | None = None, **options: Any) -> Plan:
    """What a task comes to where this Secret is stored, or none."""
    return GitTask(**options).plan(existing)


def written(existing: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """The Secret that a task writes, or leaves: with plain data, and without what every Secret of ours has."""
    return plain(plan_of(existing, **options))


def plain(plan: Plan) -> dict[str, Any]:
    secret = plan.after or {}
    metadata = secret["metadata"]
    return {
        "type": secret["type"],
        "data": data_of(plan),
        "labels": {key: value for key, value in metadata.get("labels", {}).items() if key != MANAGED_BY},
        "annotations": {key: value for key, value in metadata.get("annotations", {}).items() if key != ORIGIN},
    }


def data_of(plan: Plan) -> dict[str, str]:
    """The plain data of the Secret after a plan."""
    return {key: decode(value) for key, value in (plan.after or {})["data"].items()}


def git_secret(data: Mapping[str, str], *, kind: str = "Opaque", **metadata: Any) -> dict[str, Any]:
    """The Secret web/registry with this plain data."""
    return stored_secret({key: encode(value) for key, value in data.items()}, kind=kind, **metadata)
