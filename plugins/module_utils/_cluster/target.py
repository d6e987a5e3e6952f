# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The target of a connection: the options, the environment and the kubeconfig brought together.

What a kubeconfig means follows kubectl; options are put over it as kubectl puts its own over it. Nothing is sent here,
and no program is run.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

from .._credentials.secret_values import named_path
from .._credentials.text_encoding import unmarked
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.names import check_namespace
from .client_certificate import ClientCertificate
from .credentials import clean_token, find_certificate, fits_header, unreadable
from .kubeconfig import DEFAULT_KUBECONFIG, load_kubeconfig, read_file, select_context
from .kubeconfig_checks import check_trust
from .kubeconfig_entries import ClusterEntry, Place, UserEntry
from .local_file import read_regular_file
from .proxies import Proxy, find_proxy_secrets, is_direct, parse_proxy, proxy_from_environment
from .server_url import ServerUrl, parse_server
from .settings import Settings
from .tls import Authority

# Where Kubernetes puts the ServiceAccount of a Pod.
_POD_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
# More than the name of a namespace with a newline has.
_MAX_NAMESPACE = 1024


@dataclass(frozen=True)
class Target:
    """An API server, and as whom it is asked.

    ``cluster`` and ``user`` are as in a kubeconfig, with the options put over them. ``authority`` is None for the CA
    certificates of the machine. ``context`` and ``namespace`` are those of the kubeconfig. ``warnings`` are sentences
    for the person who runs the task.
    """

    server: ServerUrl
    cluster: ClusterEntry
    user: UserEntry
    context: str | None
    namespace: str | None
    authority: Authority | None
    proxy: Proxy | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Base:
    """A connection as a kubeconfig or a Pod describes it, without the options."""

    cluster: ClusterEntry
    user: UserEntry
    context: str | None = None
    namespace: str | None = None


def find_target(settings: Settings, expect_server: str | None, files: Mapping[str, bytes]) -> Target:
    """Return the API server that the settings describe.

    ``expect_server`` is a URL, a host, or a host with a port, with wildcards. ``files`` is the content of files by
    absolute path, for those that need not be read from the disk. Raises KeyringError for a connection that kubectl
    would refuse, for a file that cannot be read, and for another server than the expected one.
    """
    found = _find_base(settings, files)
    cluster, user = _override_cluster(found.cluster, settings), _override_user(found.user, settings, files)
    server = _parse_server(cluster, settings)
    warnings: list[str] = []
    if expect_server:
        from .expected_server import check_expected

        warnings += check_expected(server, expect_server)
    if server.is_encrypted:
        check_trust(cluster)
    elif user != _without_credentials(user):
        find_certificate(user, files)  # for its errors: kubectl refuses files that cannot be read here, too
        user = _without_credentials(user)
        warnings.append(
            f"No credentials are sent to {server}, because the connection is not encrypted. kubectl does the same. "
            "Use https:// in the URL of the server."
        )
    return Target(
        server,
        cluster,
        user,
        found.context,
        found.namespace,
        _read_authority(cluster, settings, files),
        _choose_proxy(server, cluster, settings),
        tuple(warnings),
    )


def _find_base(settings: Settings, files: Mapping[str, bytes]) -> _Base:
    if settings.source == "in_cluster":
        return _find_in_pod(settings.environ)
    if settings.get("host") and not _reads_kubeconfig(settings):
        place = Place("the options", "", os.getcwd())
        return _Base(ClusterEntry(place), UserEntry(place))
    selected = select_context(
        load_kubeconfig(settings.get("kubeconfig") or DEFAULT_KUBECONFIG, files), settings.get("context")
    )
    if selected.namespace is not None:
        check_namespace(selected.namespace, f"The namespace of context {selected.context} in the kubeconfig")
    return _Base(selected.cluster, selected.user, selected.context, selected.namespace)


def _reads_kubeconfig(settings: Settings) -> bool:
    """Return whether a kubeconfig completes a connection whose server is given."""
    if any(settings.get(option) for option in ("api_key", "username", "client_cert")):
        return False
    return bool(settings.get("kubeconfig")) or os.path.exists(os.path.expanduser(DEFAULT_KUBECONFIG))


def _find_in_pod(environ: Mapping[str, str]) -> _Base:
    """Return the connection of the Pod in which the task runs."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
    token, ca = f"{_POD_FOLDER}/token", f"{_POD_FOLDER}/ca.crt"
    if not port or not os.path.exists(token):
        raise KeyringError(
            "The Pod's own ServiceAccount cannot be used.",
            "KUBERNETES_SERVICE_HOST is set, but KUBERNETES_SERVICE_PORT or the ServiceAccount's token is missing.",
            "Mount the ServiceAccount's token, or give kubeconfig or host.",
            failure="unreadable_file",
        )
    place = Place("the Pod", "ServiceAccount", _POD_FOLDER)
    name = f"[{host}]" if ":" in host else host
    cluster = ClusterEntry(place, f"https://{name}:{port}")
    if os.path.exists(ca):
        cluster = dataclasses.replace(cluster, certificate_authority=ca)
    return _Base(cluster, UserEntry(place, token_file=token), None, _pod_namespace(environ))


def _pod_namespace(environ: Mapping[str, str]) -> str | None:
    if environ.get("POD_NAMESPACE"):
        return environ["POD_NAMESPACE"]
    try:
        return read_regular_file(f"{_POD_FOLDER}/namespace", _MAX_NAMESPACE).decode().strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _override_cluster(cluster: ClusterEntry, settings: Settings) -> ClusterEntry:
    """Put the options over a cluster. Another server has another name in its certificate, too."""
    if settings.get("host"):
        cluster = dataclasses.replace(cluster, server=settings.get("host"), tls_server_name="")
    if settings.get("proxy"):
        cluster = dataclasses.replace(cluster, proxy_url=settings.get("proxy"))
    if settings.get("ca_cert") or settings.get("validate_certs") is False:
        cluster = dataclasses.replace(
            cluster,
            certificate_authority="",
            certificate_authority_data=b"",
            insecure_skip_tls_verify=settings.get("validate_certs") is False,
        )
    elif settings.get("validate_certs"):
        cluster = dataclasses.replace(cluster, insecure_skip_tls_verify=False)
    return cluster


def _override_user(user: UserEntry, settings: Settings, files: Mapping[str, bytes]) -> UserEntry:
    """Put the options over a user. A token or a password replaces every other way to fill the same header."""
    if settings.get("api_key") or settings.get("username"):
        user = dataclasses.replace(
            user, token="", token_file="", username="", password="", exec_plugin=None, auth_provider=None
        )
    if settings.get("api_key"):
        label = settings.label("api_key")
        token = clean_token(settings.get("api_key"), label, failure="invalid_option", option="api_key")
        user = dataclasses.replace(user, token=token)
    elif settings.get("username"):
        user = dataclasses.replace(user, username=settings.get("username"), password=settings.get("password"))
    if settings.get("client_cert"):
        user = dataclasses.replace(
            user,
            client_certificate="",
            client_key="",
            client_certificate_data=b"",
            client_key_data=b"",
            exec_plugin=None,
            certificate=_read_certificate(settings, files),
        )
    if settings.get("impersonate_user"):
        _check_header(settings.get("impersonate_user"), settings.label("impersonate_user"), "impersonate_user")
        user = dataclasses.replace(user, impersonate=settings.get("impersonate_user"))
    if settings.get("impersonate_groups"):
        if not user.impersonate:
            raise KeyringError(
                "impersonate_groups needs impersonate_user.",
                "Kubernetes refuses groups alone.",
                option="impersonate_groups",
            )
        for index, group in enumerate(settings.get("impersonate_groups")):
            _check_header(group, settings.label("impersonate_groups"), f"impersonate_groups[{index}]")
        user = dataclasses.replace(user, impersonate_groups=tuple(settings.get("impersonate_groups")))
    return user


def _check_header(value: str, label: str, option: str) -> None:
    if not fits_header(value):
        raise KeyringError(f"{label} has a control character.", "It is not allowed in an HTTP header.", option=option)


def _read_certificate(settings: Settings, files: Mapping[str, bytes]) -> ClientCertificate:
    return ClientCertificate(
        _read_option("client_cert", settings, files),
        _read_option("client_key", settings, files),
        f"{settings.label('client_cert')} and {settings.label('client_key')}",
        failure="invalid_option",
        option="client_cert",
        key_option="client_key",
    )


def _read_option(option: str, settings: Settings, files: Mapping[str, bytes]) -> bytes:
    path = os.path.expanduser(settings.get(option))
    try:
        return unmarked(read_file(path, files))
    except OSError as error:
        raise KeyringError(
            f"{named_path(settings.label(option), path)} cannot be read: {error.strerror}.",
            "",
            "Give the path of a file on the machine that runs this task.",
            failure="unreadable_file",
            option=option,
        ) from None


def _parse_server(cluster: ClusterEntry, settings: Settings) -> ServerUrl:
    if settings.get("host"):
        return parse_server(cluster.server, settings.label("host"), failure="invalid_option", option="host")
    place = cluster.place
    if not cluster.server:
        raise place.error("server", "is missing.", "", "Write the URL of the API server there.")
    return parse_server(
        cluster.server,
        f"{place.path}.server of {place.source}",
        failure="invalid_kubeconfig",
        option=f"kubeconfig.{place.path}.server",
        default_scheme="http",
    )


def _without_credentials(user: UserEntry) -> UserEntry:
    """Return the user with nothing that proves who sends a request; as whom it acts remains."""
    return UserEntry(
        user.place,
        user.name,
        impersonate=user.impersonate,
        impersonate_uid=user.impersonate_uid,
        impersonate_groups=user.impersonate_groups,
        impersonate_extra=user.impersonate_extra,
    )


def _read_authority(cluster: ClusterEntry, settings: Settings, files: Mapping[str, bytes]) -> Authority | None:
    if settings.get("ca_cert"):
        # Read also where certificates are not checked, so that a wrong path is noticed.
        content = _read_option("ca_cert", settings, files)
        label = named_path(settings.label("ca_cert"), settings.get("ca_cert"))
        return Authority(content, label, failure="invalid_option", option="ca_cert")
    place = cluster.place
    if not cluster.certificate_authority:
        content, name = cluster.certificate_authority_data, "certificate-authority-data"
    else:
        content, name = _read_authority_file(cluster, files), "certificate-authority"
    # As for kubectl, an empty file counts as none.
    return Authority(content, f"{place.path}.{name} of {place.source}") if content else None


def _read_authority_file(cluster: ClusterEntry, files: Mapping[str, bytes]) -> bytes:
    place = cluster.place
    try:
        return read_file(place.resolve(cluster.certificate_authority), files)
    except OSError as error:
        raise unreadable(place, "certificate-authority", cluster.certificate_authority, error) from None


def _choose_proxy(server: ServerUrl, cluster: ClusterEntry, settings: Settings) -> Proxy | None:
    """Return the proxy of the options, else that of the kubeconfig, else that of the environment."""
    no_proxy = settings.get("no_proxy")
    if settings.get("proxy"):
        proxy = parse_proxy(settings.get("proxy"), settings.label("proxy"), failure="invalid_option", option="proxy")
    elif cluster.proxy_url:
        place = cluster.place
        proxy = parse_proxy(
            cluster.proxy_url,
            f"{place.path}.proxy-url of {place.source}",
            failure="invalid_kubeconfig",
            option=f"kubeconfig.{place.path}.proxy-url",
        )
    else:
        environ = dict(settings.environ)
        if no_proxy is not None:
            environ |= {"NO_PROXY": no_proxy, "no_proxy": no_proxy}
        return proxy_from_environment(server, environ)
    if no_proxy and is_direct(server, no_proxy, loopback=False):
        return None
    return proxy


def proxy_secrets(settings: Settings, target: Target | None) -> list[str]:
    """Return the passwords of proxies, as far as they are known."""
    texts = [settings.get("proxy") or ""]
    if target:
        texts.append(target.cluster.proxy_url)
    found = find_proxy_secrets(texts, settings.environ)
    if target and target.proxy:
        found.append(target.proxy.password or "")
    return [secret for secret in found if secret]
