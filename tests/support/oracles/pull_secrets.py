# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret that image_pull_secret writes, without a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, cast

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.observed import TargetNamespace
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.plan_change import plan_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.secret_task import make_task
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import OneNamespace
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting.minting import Tokens
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import (
    OPTIONS,
    PullSecretPayload,
    parse_options,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_format_options import make_shape
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_shape import PULL_SECRET_PROFILE, PullShape

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def write_pull_secret(**given: Any) -> Mapping[str, Any]:
    """Return the Secret web/registry that a task with these options writes."""
    runtime = Runtime(check_mode=False, environ={})
    checked = ArgumentSpecValidator(OPTIONS).validate({"name": "registry", "namespace": "web", **given})
    assert not checked.error_messages
    options = parse_options(cast("dict[str, Any]", checked.validated_parameters), runtime, NOW)
    if options.format:
        shape = make_shape(options.format, options.registries)
    else:
        shape = PullShape(PULL_SECRET_PROFILE, options.registries)
    tokens = Tokens(shape.registries, options.renewal, "always", runtime)
    payload = PullSecretPayload(options, shape, tokens)
    connection = cast(Connection, None)  # planning needs none
    task = make_task(options.secret, OneNamespace("web"), runtime, connection, shape.profile, payload)
    secret = plan_secret(task, TargetNamespace("web", "active"), None).after
    assert secret
    return secret
