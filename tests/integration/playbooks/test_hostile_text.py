# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant writes into Secrets and Pods does nothing to the terminal of whoever runs a playbook, or a task.

Each playbook runs at a real terminal, and the bytes that this terminal gets are searched.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import ORIGIN
from support.cluster import Cluster
from support.image_access import pull_secret, run_pod, spec
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, task
from support.samples.secrets import encode
from support.samples.web_tokens import IN_2100, web_token
from support.typist import type_into

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

# The clipboard, the title, a cleared screen, C1, colours, what looks like a line of Ansible, an order from right to
# left, what cannot be seen, and the other ends of lines.
CONTROLS = "\x1b]52;c;cm0=\x07\x1b]0;t\x1b\\\x1b[2J\x9b31m\x7f\x08\r"
LINES = "\nTASK [Delete it] ****\nok: [localhost]\u2028\u2029\x85"
UNSEEN = "\u202e\u2066\u200b\ufeff\U000e0041"
EVIL = f"evil{CONTROLS}{LINES}{UNSEEN} {{{{ 7 * 7 }}}}"
# Unicode's categories of controls, formats, private characters, and of the separators of lines and paragraphs.
HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
# What Ansible itself prints at a terminal, beside text.
OWN = re.compile(rb"\x1b\[(\r|\x1b\[K)|\x1b\[K|\r|\x07")
ENTER = "\r"
Answers = Sequence[tuple[str, str]]

CASES: Mapping[str, tuple[Mapping[str, Any], Answers]] = {
    "view_image_pull_secret": ({"secret_name": "evil"}, []),
    "list_image_pull_secrets": ({"filter": ""}, []),
    "update_image_pull_secret": (
        {"secret_name": "one"},
        [(r"Username \(", ENTER), (r"Password \(", ENTER), (r"Display name \(", ENTER), (r"Description \(", ENTER)],
    ),
    "update_image_pull_secret of one of several": (
        {"secret_name": "evil"},
        [(r"Registry \(", f"x{ENTER}"), ("Registry, again", "\x03")],
    ),
    "delete_image_pull_secret": ({"secret_name": "evil"}, [("Type yes or no", f"no{ENTER}")]),
    "cleanup": ({"owner": "web", "days": "30"}, [(r"\? Type yes", f"no{ENTER}")]),
    "import_docker_config": (
        {"secret_name": "one", "docker_config": {"auths": {"ghcr.io": {"username": "a", "password": "pass-word-1"}}}},
        [(r"Owner \(", ENTER), (r"\? Type yes", f"no{ENTER}")],
    ),
    "explain_pull": ({}, []),
    "credential_expiry": ({"expiry_within": "9999w"}, []),
    "find_credential": ({"token": "pass-word-1"}, []),
    "image_access_report": ({"report_csv": "report.csv", "report_json": "report.json"}, []),
    "image_access_upgrade_check": ({}, []),
    "explain_pull with the audit": ({"upgrade_audit": True}, []),
    "primehub_list_secrets": ({}, [(r"Sort by \(", ENTER), ("Do you want", ENTER)]),
    "primehub_update_secret": (
        {"secret_name": "evil", "secret_type": "git_sync"},
        [(r"Display name \(", ENTER), (r"Private SSH key \(", ENTER)],
    ),
    "primehub_update_secret of a pull secret": (
        {"secret_name": "evil", "secret_type": "image_pull", "display_name": "-"},
        [(r"Registry host \(", ENTER), (r"Username \(", ENTER), (r"Password \(", ENTER), (r"Save it\?", f"no{ENTER}")],
    ),
    "primehub_delete_secret": ({"secret_name": "evil", "secret_type": "git_sync"}, [(r"Delete it\?", f"no{ENTER}")]),
}

# cleanup deletes nothing that is younger than 30 days.
LATER = {"cleanup": {"KEYRING_TEST_SECONDS_AHEAD": str(31 * 86_400)}}

# A template with nothing around it that would keep Ansible from evaluating it.
TEMPLATE = "{{ 7 * 7007 }}evil"


def populate(cluster: Cluster, namespace: str) -> None:
    """Put the text wherever the API server takes it from anyone who may write one namespace."""
    ours = {"app.kubernetes.io/managed-by": "keyring.kubernetes", "keyring.kubernetes/owner": "web"}
    texts = {
        "displayName": EVIL,
        "kubernetes.io/description": EVIL,
        "keyring.kubernetes/expires-at": json.dumps({EVIL: EVIL}),
    }
    entry = {"username": EVIL, "password": "pass-word-1", "email": EVIL, EVIL: EVIL}
    configs = {
        "one": {f"ghcr.io/{EVIL}": entry},
        "evil": {f"{EVIL}{number}": entry for number in range(40)},
        "image-evil": {f"{EVIL}{number}": entry for number in range(3)},
        "dated": {EVIL: {"username": EVIL, "password": web_token(IN_2100)}},
        "templated": {"quay.io": {"username": TEMPLATE, "password": web_token(IN_2100)}},
        "odd": {EVIL: {"auth": EVIL}, "ghcr.io": {"auth": encode(f"{EVIL}:pass-word-1")}},
    }
    for name, auths in configs.items():
        cluster.create_secret(
            namespace,
            name,
            type="kubernetes.io/dockerconfigjson",
            metadata={"labels": ours, "annotations": {**texts, ORIGIN: f"{namespace}/one" if name == "one" else EVIL}},
            string_data={".dockerconfigjson": json.dumps({"auths": auths})},
        )
    pull_secret(cluster, namespace, "broken", EVIL)
    cluster.create_secret(
        namespace,
        "gitsync-secret-evil",
        type="Opaque",
        metadata={"annotations": texts, "labels": {"primehub-group": "x"}},
        string_data={"ssh": f"x{EVIL[::-1]}", "known_hosts": EVIL},
    )
    message = f"401 Unauthorized {EVIL}"
    cluster.create_account(namespace, "app")
    run_pod(cluster, namespace, "evil", spec(f"{EVIL}x"), "ErrImagePull", message)
    run_pod(cluster, namespace, "waits", spec("ghcr.io/a/b:1", secrets=["odd"]), "ErrImagePull", message)
    run_pod(cluster, namespace, "names", spec("ghcr.io/a/c:1", secrets=["x, host: evil"]))
    run_pod(cluster, namespace, "breaks", spec("ghcr.io/a/d:1", secrets=["broken", "odd"]), "ImagePullBackOff", message)


def find_faults(data: bytes) -> list[str]:
    """What the terminal would obey or hide, and lines that look like Ansible's own."""
    text = OWN.sub(b"", data).decode()
    hidden = sorted({f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in HIDDEN and char != "\n"})
    lines = [line for line in text.splitlines() if line.startswith("TASK [Delete it]")]
    return [*hidden, *lines, *(["a template was evaluated"] if re.search(r"e0041 49|49049", text) else [])]


@pytest.fixture
def prepared(cluster: Cluster, namespace: str) -> str:
    populate(cluster, namespace)
    return namespace


@pytest.mark.parametrize("case", CASES)
def test_at_a_terminal(cluster: Cluster, prepared: str, playbook: Playbook, case: str) -> None:
    variables, answers = CASES[case]
    given = {"target_namespace": prepared, "report_namespaces": [prepared], "find_namespaces": [prepared]}
    given |= {"expiry_namespaces": [prepared], "upgrade_namespaces": [prepared], **variables}
    session = type_into(
        [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{case.split()[0]}", "-e", json.dumps(given)],
        answers,
        environment=playbook.environment(
            K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig), TERM="xterm", **LATER.get(case, {})
        ),
        directory=playbook.directory,
    )
    assert not session.left, session.screen
    assert find_faults(session.raw) == [], session.screen
    assert "evil" in session.screen
    if case == "image_access_report":
        for name in ("image-access-report.html", "report.csv", "report.json"):
            content = (playbook.directory / name).read_bytes()
            assert find_faults(content) == [], name
            assert b"evil" in content


@pytest.mark.parametrize("result_format", ["json", "yaml"])
def test_results_of_modules(cluster: Cluster, prepared: str, playbook: Playbook, result_format: str) -> None:
    """All that a callback of Ansible prints of a result, also of a failure, and of a diff."""
    common = {"namespace": prepared, "kubeconfig": str(cluster.kubeconfig)}
    entry = {"server": "quay.io", "username": "octo", "password": "pass-word-2"}
    tasks = [
        task("image_pull_secret_info", used_by=True, **common),
        task("gitsync_secret_info", **common),
        task("image_access_info", **common),
        task("image_pull_secret", name="evil", registries=[entry], **common),
        task("image_pull_secret", name="odd", registries=[entry], purge_registries=True, **common),
        task("image_pull_secret", name="broken", registries=[entry], **common),
        task("image_pull_secret", name="one", state="absent", **common),
        task("image_pull_secret", name=EVIL, registries=[entry], **common),
        task("image_pull_secret", name="x", registries=[{**entry, "server": EVIL}], **common),
        task("image_pull_secret", name="x", docker_config_file=f"/none/{EVIL}", **common),
        task("image_pull_secret", name="x", owner=EVIL, registries=[entry], **common),
        task("image_pull_secret", name="x", registries=[entry], **{EVIL: EVIL}, **common),
        task("image_pull_secret", name="x", registries=[entry], **{**common, "context": EVIL}),
        task("image_pull_secret", name="x", registries=[entry], **{**common, "kubeconfig": f"/none/{EVIL}"}),
        task("gitsync_secret", name="gitsync-secret-evil", format="primehub", state="absent", **common),
    ]
    text = yaml.safe_dump(tasks).replace(r"{{ 7 * 7 }}", "7 * 7")  # in a task it is the template of its author
    done = playbook.run(
        yaml.safe_load(text), "--diff", "-v", environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": result_format}
    )
    # From 2.19 on, ansible-core shows the lines of the playbook itself, which are not of others.
    output = re.sub(r"(?m)^\s*(\d+ |\^|\.\.\.).*$", "", done.output)
    assert find_faults(output.encode()) == [], output
    assert "evil" in output
