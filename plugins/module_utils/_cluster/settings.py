# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of a task, merged with the environment.

Names, aliases and K8S_AUTH_* variables are those of kubernetes.core. Nothing here reads a file or opens a connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError

Source = Literal["arguments", "environment", "kubeconfig", "in_cluster"]

# Option to the variables that are read in its place; the first one that is set wins.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "host": ("K8S_AUTH_HOST",),
    "api_key": ("K8S_AUTH_API_KEY",),
    "kubeconfig": ("K8S_AUTH_KUBECONFIG", "KUBECONFIG"),
    "context": ("K8S_AUTH_CONTEXT",),
    "username": ("K8S_AUTH_USERNAME",),
    "password": ("K8S_AUTH_PASSWORD",),
    "client_cert": ("K8S_AUTH_CLIENT_CERT", "K8S_AUTH_CERT_FILE"),
    "client_key": ("K8S_AUTH_CLIENT_KEY", "K8S_AUTH_KEY_FILE"),
    "ca_cert": ("K8S_AUTH_CA_CERT", "K8S_AUTH_SSL_CA_CERT"),
    "validate_certs": ("K8S_AUTH_VALIDATE_CERTS", "K8S_AUTH_VERIFY_SSL"),
    "proxy": ("K8S_AUTH_PROXY",),
    "no_proxy": ("K8S_AUTH_NO_PROXY",),
    "impersonate_user": ("K8S_AUTH_IMPERSONATE_USER",),
    "impersonate_groups": ("K8S_AUTH_IMPERSONATE_GROUPS",),
}
# The options that choose a cluster; the others only say how to reach it.
_CHOOSING = ("host", "kubeconfig", "context")
# What belongs to the server that host names. Automation platforms inject one such set into every task of a job.
_OF_HOST = frozenset(
    ("host", "api_key", "username", "password", "client_cert", "client_key", "ca_cert", "validate_certs")
)
# Options that must not be empty, with what could happen without them.
_NEVER_EMPTY: Mapping[str, str] = {
    **dict.fromkeys(_CHOOSING, "Without it the task could reach another cluster."),
    **dict.fromkeys(
        ("api_key", "username", "password", "client_cert", "client_key"),
        "Without it other credentials could be used.",
    ),
}
# Options for the same header of a request: an option of the task puts the variables of these others out of force.
_INSTEAD_OF: Mapping[str, tuple[str, ...]] = {
    "api_key": ("username", "password"),
    "username": ("api_key",),
}
# Credentials that are for one server, and must not reach another one.
_FOR_ONE_SERVER = ("api_key", "username", "password", "client_cert")
# Options that are of no use without another one, with a reason.
_FOR_API = "They are the login for the API server; that of a registry or Git server belongs under the module's options."
_PAIRS: Mapping[tuple[str, str], str] = {
    ("client_cert", "client_key"): "",
    ("client_key", "client_cert"): "",
    ("username", "password"): _FOR_API,
    ("password", "username"): _FOR_API,
}
_FALSE_WORDS = ("0", "false", "no", "off")


@dataclass(frozen=True)
class ConnectionOptions:
    """The connection options of a task as they were given; None stands for an option that was left out.

    ``kubeconfig`` is a path or a mapping, which resolve_settings checks.
    """

    host: str | None = None
    api_key: str | None = field(default=None, repr=False)
    kubeconfig: Any = field(default=None, repr=False)
    context: str | None = None
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    client_cert: str | None = None
    client_key: str | None = field(default=None, repr=False)
    ca_cert: str | None = None
    validate_certs: bool | None = None
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    impersonate_user: str | None = None
    impersonate_groups: Sequence[str] | None = None
    expect_server: str | None = None

    def given(self) -> dict[str, Any]:
        """Return the given options by name, without ``expect_server``, which has no variable."""
        values = {option: getattr(self, option) for option in VARIABLES}
        return {option: value for option, value in values.items() if value is not None}


@dataclass(frozen=True)
class Settings:
    """The connection options in force, and where the choice of the cluster came from.

    ``variables`` are the names of the environment variables that options were taken from.
    """

    values: Mapping[str, Any] = field(repr=False)
    source: Source
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, option: str) -> Any:
        """Return the value of an option, or None."""
        return self.values.get(option)

    def label(self, option: str) -> str:
        """Return what messages call an option: its name, or that of the variable behind it."""
        return self.variables.get(option, option)


def resolve_settings(options: ConnectionOptions, environ: Mapping[str, str]) -> Settings:
    """Merge options and environment. Raise KeyringError for invalid ones.

    An option wins over its variables. A kubeconfig or context among the options also wins over a server of the
    environment and everything that belongs to that server. Credentials of the environment are refused when neither it
    nor an option names their server.
    """
    values = options.given()
    for option, why in _NEVER_EMPTY.items():
        if option in values and not values[option]:
            raise KeyringError(
                f"{option} is empty.", why, "Check the variable behind it, or leave the option out.", option=option
            )
    from_environment, variables = _read_environment(values, environ)
    if "host" in from_environment and not values.keys().isdisjoint(("kubeconfig", "context")):
        from_environment = {option: value for option, value in from_environment.items() if option not in _OF_HOST}
    for option, others in _INSTEAD_OF.items():
        if option in values:
            from_environment = {name: value for name, value in from_environment.items() if name not in others}
    settings = Settings(
        {**from_environment, **values},
        _find_source(values, from_environment, environ),
        environ,
        {option: variables[option] for option in from_environment},
    )
    _refuse_stray_credentials(settings, from_environment)
    _check_pairs(settings)
    return settings


def _read_environment(values: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the options that the environment sets and the task does not, and the names of their variables."""
    found: dict[str, Any] = {}
    variables: dict[str, str] = {}
    for option, names in VARIABLES.items():
        variable = next((name for name in names if environ.get(name)), None)
        if option not in values and variable:
            found[option] = _convert_variable(option, environ[variable])
            variables[option] = variable
    return found, variables


def _refuse_stray_credentials(settings: Settings, from_environment: Mapping[str, Any]) -> None:
    """Raise KeyringError for credentials of the environment that would reach a server it does not name."""
    if settings.get("host"):
        return
    for option in _FOR_ONE_SERVER:
        if option in from_environment:
            chosen = "the Pod" if settings.source == "in_cluster" else "a kubeconfig"
            raise KeyringError(
                f"{settings.label(option)} is set, but the server comes from {chosen}.",
                "The credentials could be sent to a server that they are not for.",
                f"Set K8S_AUTH_HOST or host to the server that they belong to, or unset {settings.label(option)}.",
                option=option,
            )


def _find_source(values: Mapping[str, Any], from_environment: Mapping[str, Any], environ: Mapping[str, str]) -> Source:
    if any(option in values for option in _CHOOSING):
        return "arguments"
    if any(option in from_environment for option in _CHOOSING):
        return "environment"
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "in_cluster"
    return "kubeconfig"


def _convert_variable(option: str, value: str) -> Any:
    if option == "validate_certs":
        return value.lower() not in _FALSE_WORDS
    if option == "impersonate_groups":
        return [group for group in value.split(",") if group]
    return value


def _check_pairs(settings: Settings) -> None:
    for first, second in _PAIRS:
        if settings.get(first) and not settings.get(second):
            why = _PAIRS[first, second]
            raise KeyringError(f"{first} needs {second}.", why, "Give both, or neither.", option=first)
    if settings.get("api_key") and settings.get("username"):
        raise KeyringError(
            f"{settings.label('api_key')} and {settings.label('username')} exclude each other.",
            "A request can use only one of them.",
            "Leave one out. The user of a registry or Git server belongs under the options of the module.",
            option="api_key",
        )
    kubeconfig = settings.get("kubeconfig")
    if kubeconfig is not None and not isinstance(kubeconfig, (str, dict)):
        raise KeyringError("kubeconfig must be a path or a mapping.", option="kubeconfig")
    if isinstance(kubeconfig, str) and ("\n" in kubeconfig or "{" in kubeconfig):
        raise KeyringError(
            "kubeconfig must be a path or a mapping; it is the text of a file.",
            "",
            "Pass it through the filter from_yaml.",
            option="kubeconfig",
        )
