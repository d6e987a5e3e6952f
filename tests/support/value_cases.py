# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a password can be written, and what becomes of it by ansible-core: refused, stored as written, changed unseen.

The files are written as users write them, because the question is what YAML, INI and templates make of a text.
docs/docsite/rst/guide_values.rst says in words what is here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.cluster import Cluster

VAULT_PASSWORD = "secret"
ENVIRONMENT = {"VALUE_OF_DIGITS": "123456", "VALUE_WITH_ZERO": "0123456"}

# The password is 0123456.
_VAULTED = """!vault |
  $ANSIBLE_VAULT;1.1;AES256
  36363064386664383163303532333862323565303238363332393337376636626232383562636532
  3937383734353534373264303338353439643736343435310a643638346132343538333265663738
  37633839366535663835636338323439623563383736636563633761333539313430383661343764
  3331653733393031340a376238326630303066303934373364323330623535646131396431633066
  6464
"""

FILES: Mapping[str, str] = {
    "values.yml": f"""
octal: 0123456
quoted: "123456"
quoted_zero: "0123456"
quoted_true: "True"
float: 1.50
boolean: no
nothing: null
date: 2026-12-01
time: 2026-12-01T00:00:00Z
creds: {{octal: 0123456, quoted: "123456", quoted_zero: "0123456", float: 1.50, boolean: no, nothing: null}}
creds_of_dates: {{date: 2026-12-01, time: 2026-12-01T00:00:00Z}}
items_of_list: [0123456]
template: "{{{{ octal }}}}"
template_of_quoted: "{{{{ quoted }}}}"
creds_of_templates: {{octal: "{{{{ octal }}}}", quoted: "{{{{ quoted }}}}"}}
vaulted: {_VAULTED.rstrip().replace(chr(10), chr(10) + "  ")}
""",
    "extra.yml": "extra_of_file: 0123456\n",
    "values_of_hosts.yml": """
all:
  hosts:
    localhost: {yaml_octal: 0123456, yaml_quoted: "123456"}
""",
    "vault-password": VAULT_PASSWORD,
    "values.ini": """
[all]
localhost host_zeros=000000 host_octal=0123456 host_quoted="000000" host_twice="'000000'" host_float=1.50 host_commit=12e5 host_hex=0x1A host_underscore=1_000 host_true=True host_no=no host_none=None host_date=2026-12-01

[group]
localhost

[group:vars]
group_zeros=000000
group_octal=0123456
group_quoted="000000"
group_twice="'000000'"
group_float=1.50
group_true=True
group_no=no
""",  # noqa: E501
}

ARGUMENTS: Sequence[str] = (
    *("--inventory", "values.ini", "--inventory", "values_of_hosts.yml", "--vault-password-file", "vault-password"),
    *("--extra-vars", "extra_of_pairs=0123456", "--extra-vars", '{"extra_of_json": 123456}'),
    *("--extra-vars", "@extra.yml"),
)


@dataclass(frozen=True)
class Row:
    """A way to write a password. ``written`` is what stands behind ``password:`` in the task.

    What becomes of it: ``old`` up to ansible-core 2.18, ``native`` there with jinja2_native, ``new`` from 2.19 on.
    """

    name: str
    written: str
    old: str
    native: str
    new: str

    @property
    def secret(self) -> str:
        return f"row-{ROWS.index(self)}"

    def outcome(self, core: str, *, native: bool) -> str:
        """Return what becomes of it with this ansible-core, such as 2.16.19."""
        if not has_native_setting(core):
            return self.new
        return self.native if native else self.old


def has_native_setting(core: str) -> bool:
    """Return whether templates of this ansible-core give strings, unless jinja2_native is set."""
    return tuple(map(int, core.split(".")[:2])) < (2, 19)


def row(name: str, written: str, old: str, native: str | None = None, new: str | None = None) -> Row:
    """Return a row; with one outcome, it is that of every ansible-core."""
    return Row(name, written, old, native or old, new or old)


# Why a row is refused.
INTEGER, FLOAT, BOOLEAN = "refused: an integer", "refused: a floating-point number", "refused: a boolean"
DATE, TIME = "refused: a date", "refused: a date with a time"
MISSING, EMPTY = "refused: is missing", "refused: is empty"

# What YAML and a template have made of 0123456 before anything of this collection sees it.
UNSEEN = "stored: 42798"


def template(expression: str) -> str:
    return f'"{{{{ {expression} }}}}"'


ROWS: Sequence[Row] = (
    row("octal in the task", "0123456", INTEGER),
    row("decimal in the task", "123456", INTEGER),
    row("digits that are no octal number", "0123459", "stored: 0123459"),
    row("hexadecimal", "0x1A2B", INTEGER),
    row("binary", "0b11", INTEGER),
    row("underscore", "1_000", INTEGER),
    row("sexagesimal", "1:30", INTEGER),
    row("float", "1.50", FLOAT),
    row("exponent with a point and a sign", "1.2e+5", FLOAT),
    row("exponent without a point", "1e3", "stored: 1e3"),
    row("beginning of a commit", "12e5", "stored: 12e5"),
    row("infinity", ".inf", FLOAT),
    row("not a number", ".nan", FLOAT),
    row("yes", "yes", BOOLEAN),
    row("no", "no", BOOLEAN),
    row("on", "on", BOOLEAN),
    row("off", "off", BOOLEAN),
    row("true", "true", BOOLEAN),
    row("True", "True", BOOLEAN),
    row("y", "y", "stored: y"),
    row("null", "null", MISSING),
    row("tilde", "~", MISSING),
    row("None", "None", "warned: None"),
    row("nothing", "", MISSING),
    row("date", "2026-12-01", DATE),
    row("date and time", "2026-12-01T00:00:00Z", TIME),
    row("quoted", '"0123456"', "stored: 0123456"),
    row("variable", template("octal"), INTEGER),
    row("variable, float", template("float"), FLOAT),
    row("variable, boolean", template("boolean"), BOOLEAN),
    row("variable, null", template("nothing"), MISSING),
    row("variable, date", template("date"), "stored: 2026-12-01", DATE, DATE),
    row("variable, date and time", template("time"), "stored: 2026-12-01 00:00:00+00:00", TIME, TIME),
    row("variable, quoted", template("quoted"), "stored: 123456", INTEGER, "stored: 123456"),
    row("variable, quoted, with a zero", template("quoted_zero"), "stored: 0123456"),
    row("variable, quoted True", template("quoted_true"), BOOLEAN, BOOLEAN, "warned: True"),
    row("variable, from a template", template("template"), UNSEEN, INTEGER, INTEGER),
    row(
        "variable, from a template of a quoted one",
        template("template_of_quoted"),
        "stored: 123456",
        INTEGER,
        "stored: 123456",
    ),
    row("item of a mapping", template("creds.octal"), UNSEEN, INTEGER, INTEGER),
    row("item of a mapping, float", template("creds.float"), "stored: 1.5", FLOAT, FLOAT),
    row("item of a mapping, boolean", template("creds.boolean"), BOOLEAN),
    row("item of a mapping, null", template("creds.nothing"), EMPTY, MISSING, MISSING),
    row("item of a mapping, date", template("creds_of_dates.date"), "stored: 2026-12-01", DATE, DATE),
    row(
        "item of a mapping, date and time",
        template("creds_of_dates.time"),
        "stored: 2026-12-01 00:00:00+00:00",
        TIME,
        TIME,
    ),
    row("item of a mapping, quoted", template("creds.quoted"), "stored: 123456", INTEGER, "stored: 123456"),
    row("item of a mapping, quoted, with a zero", template("creds.quoted_zero"), "stored: 0123456"),
    row("item of a mapping of templates", template("creds_of_templates.octal"), UNSEEN, INTEGER, INTEGER),
    row(
        "item of a mapping of templates, quoted",
        template("creds_of_templates.quoted"),
        "stored: 123456",
        INTEGER,
        "stored: 123456",
    ),
    row("item of a list", template("items_of_list[0]"), UNSEEN, INTEGER, INTEGER),
    row("default", template("octal | default('')"), UNSEEN, INTEGER, INTEGER),
    row("default, boolean", template("boolean | default('')"), BOOLEAN),
    row("default, quoted", template("quoted | default('')"), "stored: 123456", INTEGER, "stored: 123456"),
    row("filter string", template("octal | string"), UNSEEN),
    row("filter string, boolean", template("boolean | string"), "warned: False"),
    row("filter string, quoted", template("quoted | string"), "stored: 123456"),
    row("within a text", '"x{{ octal }}"', "stored: x42798"),
    row("YAML inventory", template("yaml_octal"), INTEGER),
    row("YAML inventory, quoted", template("yaml_quoted"), "stored: 123456", INTEGER, "stored: 123456"),
    row("hostvars", template("hostvars['localhost'].yaml_octal"), UNSEEN, INTEGER, INTEGER),
    row("hostvars, quoted", template("hostvars['localhost'].yaml_quoted"), "stored: 123456", INTEGER, "stored: 123456"),
    row(
        "environment",
        template("lookup('ansible.builtin.env', 'VALUE_OF_DIGITS')"),
        "stored: 123456",
        INTEGER,
        "stored: 123456",
    ),
    row("environment, with a zero", template("lookup('ansible.builtin.env', 'VALUE_WITH_ZERO')"), "stored: 0123456"),
    row(
        "environment, filter string",
        template("lookup('ansible.builtin.env', 'VALUE_OF_DIGITS') | string"),
        "stored: 123456",
    ),
    row("vault", template("vaulted"), "stored: 0123456"),
    row("INI, host, zeros", template("host_zeros"), INTEGER),
    row("INI, host, octal", template("host_octal"), "stored: 0123456"),
    row("INI, host, quoted once", template("host_quoted"), INTEGER),
    row("INI, host, quoted twice", template("host_twice"), "stored: 000000", INTEGER, "stored: 000000"),
    row("INI, host, float", template("host_float"), FLOAT),
    row("INI, host, commit", template("host_commit"), FLOAT),
    row("INI, host, hexadecimal", template("host_hex"), INTEGER),
    row("INI, host, underscore", template("host_underscore"), INTEGER),
    row("INI, host, True", template("host_true"), BOOLEAN),
    row("INI, host, no", template("host_no"), "stored: no"),
    row("INI, host, None", template("host_none"), MISSING),
    row("INI, host, date", template("host_date"), "stored: 2026-12-01"),
    row("INI, group, zeros", template("group_zeros"), INTEGER),
    row("INI, group, octal", template("group_octal"), "stored: 0123456"),
    row("INI, group, quoted once", template("group_quoted"), "stored: 000000", INTEGER, "stored: 000000"),
    row("INI, group, quoted twice", template("group_twice"), "stored: '000000'"),
    row("INI, group, float", template("group_float"), FLOAT),
    row("INI, group, True", template("group_true"), BOOLEAN),
    row("INI, group, no", template("group_no"), "stored: no"),
    row("extra variable, pairs", template("extra_of_pairs"), "stored: 0123456"),
    row("extra variable, JSON", template("extra_of_json"), INTEGER),
    row("extra variable, file", template("extra_of_file"), INTEGER),
)


# An ordinary module takes its time, and gets what the others show to arrive: of each type one.
FOR_ORDINARY = tuple(
    each
    for each in ROWS
    if each.name
    in (
        "octal in the task",
        "float",
        "infinity",
        "no",
        "null",
        "None",
        "date",
        "date and time",
        "quoted",
        "variable, date",
        "variable, quoted",
        "item of a mapping",
        "filter string, boolean",
        "vault",
        "INI, host, zeros",
    )
)


def write_play(
    directory: Path, namespace: str, kubeconfig: Path, rows: Sequence[Row], *, direct: str, native: bool = False
) -> list[str]:
    """Write a play with a task for each row, and return how it is run in this directory.

    It writes ``results.json``, a registered result for each row.
    """
    for name, text in FILES.items():
        (directory / name).write_text(text)
    (directory / "ansible.cfg").write_text("[defaults]\n" + ("jinja2_native = true\n" if native else ""))
    results = ", ".join(f"result_{number}" for number in range(len(rows)))
    tasks = "".join(_task(number, each, namespace, kubeconfig) for number, each in enumerate(rows))
    (directory / "play.yml").write_text(f"""
- hosts: localhost
  gather_facts: false
  connection: local
  vars_files: [values.yml]
  vars:
    keyring_direct: {direct}
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
  tasks:
{tasks}
    - ansible.builtin.copy:
        dest: "{{{{ playbook_dir }}}}/results.json"
        content: "{{{{ [{results}] | to_json }}}}"
        mode: "0600"
""")
    return ["ansible-playbook", *ARGUMENTS, "play.yml"]


def _task(number: int, each: Row, namespace: str, kubeconfig: Path) -> str:
    return f"""
    - keyring.kubernetes.image_pull_secret:
        kubeconfig: {kubeconfig}
        namespace: {namespace}
        name: {each.secret}
        registries:
          - server: ghcr.io
            username: octo
            password: {each.written}
      ignore_errors: true
      register: result_{number}
"""


def read_outcomes(directory: Path, cluster: Cluster, namespace: str, rows: Sequence[Row]) -> dict[str, str]:
    """Return what became of each row, in the words of the table."""
    results = json.loads((directory / "results.json").read_text())
    outcomes = {}
    for each, result in zip(rows, results, strict=True):
        if result.get("failed"):
            outcomes[each.name] = _describe_refusal(result)
        else:
            warned = any("is one of the strings True, False and None" in text for text in result.get("warnings", ()))
            password = cluster.read_auths(namespace, each.secret)["ghcr.io"]["password"]
            outcomes[each.name] = f"{'warned' if warned else 'stored'}: {password}"
    return outcomes


def _describe_refusal(result: Mapping[str, Any]) -> str:
    what = result["msg"].partition("registries[0].password ")[2].partition(".")[0]
    kind = what.removeprefix("must be a string; it is ")
    if kind != what:
        assert result["failure"] == {"id": "not_a_string", "option": "registries[0].password", "namespace": None}
    return f"refused: {kind}"
