# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents that show examples, and what these examples own, write and delete, read without running them.

CONTRIBUTING.md, "Keep examples apart", has the rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations, product
from pathlib import Path
from textwrap import dedent

import yaml

from support.paths import ROOT

PAGES = ROOT / "docs" / "docsite" / "rst"
PLAYBOOKS = "docs/docsite/rst/playbooks.rst"

# An option or a variable of a role that, with this value, takes something away.
DELETING: Mapping[str, str] = {
    "prune": "true",
    "purge_registries": "true",
    "exclusive": "true",
    "recreate": "true",
    "take_ownership": "true",
    "in_use": "ignore",
    "state": "absent",
    "confirm": "yes",
}

# What is below these keys is only read, or is an object of Kubernetes.
_READ = re.compile(r"credentials_from|metadata|keyring\.kubernetes\.\w+_info")

_RST_BLOCK = re.compile(r"( *)\.\. (?:code-block:: (\S+)|prepare:)")
_MARKDOWN_BLOCK = re.compile(r"^( *)```(\S*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A code block of a document; ``line`` is that of its first line of text."""

    file: str
    line: int
    language: str
    text: str

    def place(self, line: int) -> str:
        """Return where a line of the text is, counted from 0."""
        return f"{self.file}:{self.line + line}"


@dataclass(frozen=True)
class Mention:
    """Something that an example names, such as an owner, and where it does."""

    name: str
    place: str
    namespace: str = ""


Documents = Mapping[str, Sequence[Block]]


def read_documents() -> dict[str, list[Block]]:
    """Return the blocks of each document, in the order in which a reader meets the documents."""
    documents = {"README.md": _markdown_blocks(ROOT / "README.md")}
    guides = sorted(PAGES.glob("guide_*.rst"))
    for page in [*guides, *sorted(set(PAGES.glob("*.rst")) - set(guides))]:
        documents[_name(page)] = list(_rst_blocks(page))
    for module in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        documents[_name(module)] = list(_example_blocks(module))
    for role in sorted((ROOT / "roles").iterdir()):
        blocks = _markdown_blocks(role / "README.md")
        documents[_name(role)] = [*blocks, *_described_blocks(role / "meta" / "argument_specs.yml")]
    for example in sorted((ROOT / "examples").iterdir()):
        files = [Block(_name(path), 1, "yaml", path.read_text()) for path in sorted(example.rglob("*.yml"))]
        documents[_name(example)] = [*files, *_markdown_blocks(example / "README.md")]
    return {name: blocks for name, blocks in documents.items() if blocks}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _markdown_blocks(path: Path) -> list[Block]:
    text = path.read_text()
    blocks = []
    for match in _MARKDOWN_BLOCK.finditer(text):
        line = text.count("\n", 0, match.start(3)) + 1
        blocks.append(Block(_name(path), line, match[2], dedent(match[3])))
    return blocks


def _rst_blocks(path: Path) -> Iterator[Block]:
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        match = _RST_BLOCK.fullmatch(line)
        if not match:
            continue
        first = number + 1
        while first < len(lines) and lines[first].strip().startswith(":"):
            first += 1
        last = first
        while last < len(lines) and (not lines[last].strip() or lines[last].startswith(match[1] + "   ")):
            last += 1
        yield Block(_name(path), first + 1, match[2] or "console", dedent("\n".join(lines[first:last])))


def _example_blocks(module: Path) -> Iterator[Block]:
    """Yield a block for each task of EXAMPLES."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
            line = node.lineno
            for part in re.split(r"^(?=- )", ast.literal_eval(node.value), flags=re.MULTILINE):
                if part.startswith("- "):
                    yield Block(_name(module), line, "yaml", part)
                line += part.count("\n")


def _described_blocks(path: Path) -> Iterator[Block]:
    """Yield the examples in the argument specs of a role."""
    for spec in yaml.safe_load(path.read_text())["argument_specs"].values():
        if "examples" in spec:
            yield Block(_name(path), 1, "yaml", spec["examples"])


def find_collisions(documents: Documents) -> list[str]:
    """Return what two documents have in common, with both places."""
    found = []
    for what, find in FINDERS.items():
        mentions = [_once(find(blocks)) for blocks in documents.values()]
        for ones, others in combinations(mentions, 2):
            for one, other in product(ones, others):
                if one.name == other.name and _overlap(one.namespace, other.namespace):
                    found.append(f"{one.place} and {other.place}: {what} {_full_name(one)}")
    return found


def _once(mentions: Iterable[Mention]) -> list[Mention]:
    """Return the first mention of each name."""
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(_full_name(mention), mention)
    return list(first.values())


def _full_name(mention: Mention) -> str:
    return f"{mention.namespace}/{mention.name}" if mention.namespace else mention.name


def _overlap(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def find_owners(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the owners that examples give or print."""
    for block in blocks:
        for fields in mappings(block):
            for name, value in fields.items():
                owner = _text(value)
                if owner and (name == "owner" or name.endswith("_owner")):
                    yield Mention(owner, block.place(value.start_mark.line))
        for number, line in enumerate(block.text.splitlines()):
            for owner in re.findall(r"""(?:keyring\.kubernetes/owner["']?[:=] ?|-e \w*owner=)["']?([\w.-]+)""", line):
                yield Mention(owner, block.place(number))


def find_secrets(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the Secrets that examples write, each in a namespace or a glob of namespaces."""
    for block in blocks:
        for fields in mappings(block):
            for name, namespaces in _secrets(fields):
                for namespace in namespaces:
                    yield Mention(name, block.place(_line(fields)), namespace)
        yield from _secrets_of_forms(block)


def _secrets(fields: Mapping[str, yaml.Node]) -> Iterator[tuple[str, list[str]]]:
    name = _text(fields.get("name"))
    if name:
        yield name, namespaces_of(fields)
    for option, value in fields.items():
        role = option.removesuffix("_namespaces")
        # Each registry role keeps one Secret, which has its name. control_plane makes namespaces and no Secret.
        if role not in (option, "control_plane") and (ROOT / "roles" / role).is_dir():
            yield _text(fields.get(f"{role}_secret_name")) or role.replace("_", "-"), _texts(value)
    listed = fields.get("primehub_secrets_list")
    if isinstance(listed, yaml.SequenceNode):
        namespace = _text(fields.get("primehub_secrets_namespace")) or "hub"
        for item in listed.value:
            values = _fields(item)
            prefix = "image-" if _text(values.get("type")) == "image_pull" else "gitsync-secret-"
            yield prefix + _text(values.get("name")), [namespace]


def _secrets_of_forms(block: Block) -> Iterator[Mention]:
    for number, command in _commands(block):
        form = re.search(r"keyring\.kubernetes\.(\w+)", command)
        namespace = re.search(r"-e (?:target_)?namespace=([\w.-]+)", command)
        name = re.search(r"-e secret_name=([\w.-]+)", command)
        if form and namespace and name:
            prefix = ""
            if form[1] == "add_git_secret" or "-e secret_type=git_sync" in command:
                prefix = "gitsync-secret-"
            elif "-e secret_type=image_pull" in command:
                prefix = "image-"
            yield Mention(prefix + name[1], block.place(number), namespace[1])


def find_made_namespaces(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the namespaces that examples make with kubectl."""
    for block in blocks:
        for number, line in enumerate(block.text.splitlines()):
            looped = re.search(r"for (\w+) in ([\w -]+);.*kubectl.* create namespace \$\1", line)
            made = re.findall(r"kubectl.* create namespace ([\w.-]+)", line)
            for name in looped[2].split() if looped else made:
                yield Mention(name, block.place(number))


def find_accounts(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the ServiceAccounts whose lists of Secrets examples keep with service_account_secrets."""
    for block in blocks:
        for fields in mappings(block):
            account = _text(fields.get("service_account"))
            for namespace in namespaces_of(fields) if account else ():
                yield Mention(account, block.place(_line(fields)), namespace)


FINDERS = {
    "owner": find_owners,
    "Secret": find_secrets,
    "ServiceAccount": find_accounts,
    "namespace": find_made_namespaces,
}


def find_deleting_first_examples(documents: Documents) -> list[str]:
    """Return what the first example of a document takes away, with its place."""
    return [
        f"{mention.place}: {mention.name}"
        for name, blocks in documents.items()
        for mention in find_deletions(first_example(name, blocks))
    ]


def first_example(name: str, blocks: Sequence[Block]) -> list[Block]:
    """Return what a reader tries first: a block, or all files of a repository to copy."""
    if name.startswith("examples/"):
        return list(blocks)
    if name == PLAYBOOKS:  # a section for each playbook
        firsts = [(block, next(_commands(block), (0, ""))) for block in blocks]
        return [Block(block.file, block.line + number, block.language, text) for block, (number, text) in firsts]
    for block in blocks:
        if block.language == "yaml" and "keyring.kubernetes." in block.text:
            return [block]
    return []


def find_deletions(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Yield the options and variables with which examples take something away."""
    for block in blocks:
        for fields in mappings(block):
            for option, value in fields.items():
                for word, deleting in DELETING.items():
                    if (option == word or option.endswith(f"_{word}")) and _text(value) == deleting:
                        yield Mention(f"{option}: {deleting}", block.place(value.start_mark.line))
        for number, command in _commands(block):
            for word, deleting in DELETING.items():
                if re.search(rf"-e \w*{word}={deleting}\b", command):
                    yield Mention(f"-e {word}={deleting}", block.place(number))


def _commands(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the commands of a console block, each with its line."""
    if block.language == "console":
        for match in re.finditer(r"^(?:.*\\\n)*.+$", block.text, re.MULTILINE):
            yield block.text.count("\n", 0, match.start()), match[0].replace("\\\n", " ")


def mappings(block: Block) -> Iterator[dict[str, yaml.Node]]:
    """Yield every mapping of a YAML block that is not only read, with the places of its values."""
    if block.language == "yaml":
        for document in yaml.compose_all(block.text, Loader=yaml.SafeLoader):
            yield from _mappings_below(document)


def _mappings_below(node: yaml.Node) -> Iterator[dict[str, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings_below(item)
    fields = _fields(node)
    if fields:
        yield fields
    for name, value in fields.items():
        if not _READ.fullmatch(name):
            yield from _mappings_below(value)


def _fields(node: yaml.Node) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {name.value: value for name, value in node.value if isinstance(name, yaml.ScalarNode)}


def namespaces_of(fields: Mapping[str, yaml.Node]) -> list[str]:
    """Return the names and globs that a mapping has as ``namespace`` and ``namespaces``."""
    return [*_texts(fields.get("namespace")), *_texts(fields.get("namespaces"))]


def _line(fields: Mapping[str, yaml.Node]) -> int:
    line: int = next(iter(fields.values())).start_mark.line
    return line


def _texts(node: yaml.Node | None) -> list[str]:
    """Return a string or the strings of a list, without templates and exceptions."""
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    texts = map(_text, nodes)
    return [text for text in texts if text and not text.startswith("!")]


def _text(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or "{{" in node.value:
        return ""
    text: str = node.value
    return text
