# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the event source: what they mean, and how each mistake is named."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.options import WatchOptions, parse_watch_options
from support.paths import ROOT, collections_path

SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "watch.py"
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "new_namespaces.yml"
PROD = {"name": "prod", "kubeconfig": "/etc/prod"}
LOGGED = "ansible-rulebook logs the arguments of event sources at -vv."


def parse(**arguments: Any) -> WatchOptions:
    return parse_watch_options({"clusters": [PROD], "namespaces": ["*"], **arguments})


def test_defaults() -> None:
    options = parse()
    assert (options.settle, options.most_events) == (10, 6)
    assert options.selection == Selection(globs=("*",))
    (cluster,) = options.clusters
    assert (cluster.name, cluster.place, cluster.options) == ("prod", "clusters[0]", {"kubeconfig": "/etc/prod"})


def test_templates_of_a_rulebook_give_strings() -> None:
    options = parse(settle="3", max_events_per_minute="1", clusters=[{**PROD, "validate_certs": "False"}])
    assert (options.settle, options.most_events, options.clusters[0].options["validate_certs"]) == (3, 1, False)


@pytest.mark.parametrize(
    ("given", "meaning"),
    [(True, True), ("Yes", True), ("on", True), (1, True), (False, False), ("no", False), ("off", False), (0, False)],
)
def test_the_words_of_ansible_for_true_and_false(given: object, meaning: bool) -> None:
    (watched,) = parse(clusters=[{**PROD, "validate_certs": given}]).clusters
    assert watched.options["validate_certs"] is meaning


def test_an_option_that_is_null_is_left_out() -> None:
    options = parse(settle=None, clusters=[{**PROD, "context": None}])
    assert (options.settle, options.clusters[0].options) == (10, {"kubeconfig": "/etc/prod"})


def cluster(**options: Any) -> dict[str, Any]:
    return {"clusters": [PROD, {"name": "test", **options}]}


def refuse_secret(option: str, variable: str) -> str:
    return (
        f"{option} is not accepted, because it could show a secret. {LOGGED} "
        f"Use a kubeconfig file, or set {variable} in the environment of ansible-rulebook."
    )


NOT_A_PATH = (
    f"clusters[1].kubeconfig must be the path of a file. The content of a kubeconfig holds secrets, and {LOGGED} "
    "Write the kubeconfig into a file that only ansible-rulebook can read, or set K8S_AUTH_KUBECONFIG."
)
EMPTY = "is empty. Check the variable behind it, or leave the option out."

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kubeconfg": "x"}, "kubeconfg is not an argument of keyring.kubernetes.watch. It has clusters, namespaces, "
     "namespace_selectors, settle, max_events_per_minute."),
    ({"setle": 1}, "setle is not an argument of keyring.kubernetes.watch. Did you mean settle?"),
    ({"kubeconfig": "x"}, "kubeconfig is not an argument of keyring.kubernetes.watch. "
     "It is an option of each item of clusters."),
    ({"a b": 1}, "keyring.kubernetes.watch has a name that no option can have. Check the indentation."),
    ({"api_key": "secret"}, refuse_secret("api_key", "K8S_AUTH_API_KEY")),
    ({"clusters": None}, "clusters must be a list of mappings with at least one item. It says which clusters are "
     "watched. Write clusters: [{name: prod, kubeconfig: /path/to/kubeconfig}]."),
    ({"clusters": ["prod"]}, "clusters[0] must be a mapping. Write {name: prod, kubeconfig: /path/to/kubeconfig}."),
    ({"clusters": [{"context": "x"}]}, "clusters[0].name is missing. Events name their cluster by it. "
     "Use the name of the inventory host."),
    ({"clusters": [{"name": 1}]}, "clusters[0].name must be a string. Put it in quotes."),
    ({"clusters": [{"name": ""}]}, f"clusters[0].name {EMPTY}"),
    ({"clusters": [{"name": "a\n"}]}, "clusters[0].name has whitespace around it, or a character that is not "
     "printable. Use the name of the inventory host."),
    ({"clusters": [PROD, PROD]}, 'clusters[1].name is "prod", which is the name of clusters[0] as well. '
     "Events name their cluster by it. Give each cluster a name of its own."),
    (cluster(token="secret"), refuse_secret("clusters[1].token", "K8S_AUTH_API_KEY")),
    (cluster(api_key="secret"), refuse_secret("clusters[1].api_key", "K8S_AUTH_API_KEY")),
    (cluster(username="me"), refuse_secret("clusters[1].username", "K8S_AUTH_USERNAME")),
    (cluster(password="secret"), refuse_secret("clusters[1].password", "K8S_AUTH_PASSWORD")),
    (cluster(client_key="secret"), refuse_secret("clusters[1].client_key", "K8S_AUTH_CLIENT_KEY")),
    (cluster(client_cert="x"), refuse_secret("clusters[1].client_cert", "K8S_AUTH_CLIENT_CERT")),
    (cluster(kubeconfig={"users": ["secret"]}), NOT_A_PATH),
    (cluster(kubeconfig="users:\n- secret"), NOT_A_PATH),
    (cluster(kubeconfig='{"users": ["secret"]}'), NOT_A_PATH),
    (cluster(kubeconfig=""), f"clusters[1].kubeconfig {EMPTY}"),
    (cluster(proxy="http://me:secret@proxy:3128"), "clusters[1].proxy must not contain a user name or password. "
     f"{LOGGED} Remove them. Set K8S_AUTH_PROXY in the environment of ansible-rulebook, "
     "or proxy-url in a kubeconfig file."),
    (cluster(proxy="secret@proxy:3128"), "clusters[1].proxy must not contain a user name or password. "
     f"{LOGGED} Remove them. Set K8S_AUTH_PROXY in the environment of ansible-rulebook, "
     "or proxy-url in a kubeconfig file."),
    (cluster(host="https://me:secret@api:6443"), "clusters[1].host must not contain a user name or password. "
     f"{LOGGED} Remove them. Credentials belong into a kubeconfig file."),
    (cluster(expect_server="https://me:secret@api"), "clusters[1].expect_server must not contain a user name or "
     f"password. {LOGGED} Remove them. Write the URL of the server, such as https://api.example.com:6443."),
    (cluster(validate_certs="maybe"), "clusters[1].validate_certs must be true or false."),
    (cluster(validate_certs=2), "clusters[1].validate_certs must be true or false."),
    (cluster(kubeconfig=2026), "clusters[1].kubeconfig must be a string. Put it in quotes."),
    (cluster(kubeconfig=["a"]), "clusters[1].kubeconfig must be a string. Put it in quotes."),
    (cluster(impersonate_groups="x"), "clusters[1].impersonate_groups must be a list of strings. Write ['…']."),
    (cluster(impersonate_groups=["x", 1]), "clusters[1].impersonate_groups[1] must be a string. Put it in quotes."),
    (cluster(expect_sever="x"), "clusters[1].expect_sever is not an option of a cluster. Did you mean expect_server?"),
    ({"namespaces": None}, "namespaces or namespace_selectors is missing. It says which namespaces are announced. "
     "Use the selection of the playbook; for all namespaces write namespaces: ['*']."),
    ({"namespaces": "team-a"}, "namespaces must be a list of strings. Write ['…']."),
    ({"namespaces": ["a", 1]}, "namespaces[1] must be a string. Put it in quotes."),
    ({"namespaces": []}, "namespaces is empty. It would select no namespace. Check the variable behind it; for all "
     "namespaces write namespaces: ['*']."),
    ({"settle": -1}, "settle must be a whole number from 0 to 3600."),
    ({"settle": True}, "settle must be a whole number from 0 to 3600."),
    ({"settle": "soon"}, "settle must be a whole number from 0 to 3600."),
    ({"max_events_per_minute": 0}, "max_events_per_minute must be a whole number from 1 to 60."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[message[:60] for _arguments, message in REFUSED])
def test_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(KeyringError) as refused:
        parse(**arguments)
    assert str(refused.value) == message
    assert refused.value.failure == "invalid_option"
    assert not message.startswith("clusters[") or refused.value.option == message.split()[0]


# The arguments that are numbers, and their names in the parsed options.
FIELDS = {"settle": "settle", "max_events_per_minute": "most_events"}


def load_source() -> dict[str, Any]:
    return runpy.run_path(str(SOURCE))


def test_the_documentation_has_the_arguments_of_the_source() -> None:
    options = yaml.safe_load(load_source()["DOCUMENTATION"])["options"]
    assert options["settle"]["default"] == parse().settle
    assert options["max_events_per_minute"]["default"] == parse().most_events
    for name in ("settle", "max_events_per_minute"):
        least, most = map(int, re.findall(r"V\((\d+)\)", " ".join(options[name]["description"])))
        assert [getattr(parse(**{name: value}), FIELDS[name]) for value in (least, most)] == [least, most]
        for value in (least - 1, most + 1):
            with pytest.raises(KeyringError, match=f"^{name} must be a whole number from {least} to {most}"):
                parse(**{name: value})
    samples: dict[str, Any] = {"bool": True, "list": ["a"], "str": "a", "path": "/a", "int": 1}
    suboptions = options["clusters"]["suboptions"]
    item = {name: samples[row["type"]] for name, row in suboptions.items()}
    given = {name: samples[row["type"]] for name, row in options.items() if name != "namespace_selectors"}
    parsed = parse_watch_options({**given, "clusters": [item]})
    assert {"name", *parsed.clusters[0].options} == suboptions.keys()
    with pytest.raises(KeyringError, match="It has clusters") as refused:
        parse(x_y_z=1)
    assert all(name in str(refused.value) for name in options)


def test_the_example_is_the_rulebook_with_arguments() -> None:
    """Its playbook fails without the variables that the rulebook gives it."""
    (example,) = yaml.safe_load(load_source()["EXAMPLES"])
    (rulebook,) = yaml.safe_load(RULEBOOK.read_text())
    (source,) = example["sources"]
    assert parse_watch_options(source["keyring.kubernetes.watch"]).clusters[0].name == "prod"
    rulebook["rules"][0]["action"]["run_playbook"]["name"] = "keyring.kubernetes.new_namespaces"
    assert {key: example[key] for key in example if key not in ("name", "sources")} == {
        key: rulebook[key] for key in rulebook if key not in ("name", "sources")
    }


WITHOUT_ANSIBLE = """
import asyncio, runpy, sys
sys.modules["ansible"] = None  # an import of it fails
main = runpy.run_path(sys.argv[1])["main"]
assert asyncio.iscoroutinefunction(main)
asyncio.run(main(asyncio.Queue(1), {}))
"""


def test_the_source_needs_only_the_collection_in_its_folder() -> None:
    """ansible-rulebook has no loader of collections, and Ansible may be in another environment."""
    path = collections_path() / "ansible_collections/keyring/kubernetes" / SOURCE.relative_to(ROOT)
    command = [sys.executable, "-I", "-c", WITHOUT_ANSIBLE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "KeyringError: clusters must be a list of mappings" in done.stderr.splitlines()[-1], done.stderr
