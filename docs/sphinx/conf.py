# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the site; `make site` does it. Nothing is downloaded."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref, toctree
from sphinx.application import Sphinx

project = "keyring.kubernetes"
copyright = "The keyring.kubernetes authors"  # noqa: A001 - Sphinx's name for it
html_title = project

extensions = ["sphinx_antsibull_ext"]
html_theme = "furo"
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True
smartquotes_action = "qe"  # dashes are those of options

html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

# Pages of other projects to which ours refer by name.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
ELSEWHERE = {
    "ANSIBLE_DEBUG": f"{ANSIBLE}/reference_appendices/config.html#envvar-ANSIBLE_DEBUG",
    "ANSIBLE_KEEP_REMOTE_FILES": f"{ANSIBLE}/reference_appendices/config.html#envvar-ANSIBLE_KEEP_REMOTE_FILES",
    "action_plugins": f"{ANSIBLE}/plugins/action.html#action-plugins",
    "ansible_collections.kubernetes.core.k8s_module": f"{ANSIBLE}/collections/kubernetes/core/k8s_module.html",
    "ansible_configuration_settings": f"{ANSIBLE}/reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": f"{ANSIBLE}/reference_appendices/common_return_values.html#common-return-values",
}


def link_elsewhere(
    _app: Sphinx, _environment: object, label: pending_xref, text: nodes.TextElement
) -> nodes.reference | None:
    """Return a link to a page of another project; None for a page that is not in ELSEWHERE."""
    url = ELSEWHERE.get(label["reftarget"])
    return nodes.reference("", "", text, internal=False, refuri=url) if url else None


def label_cells(page: nodes.document) -> None:
    """Write the heading of its column into each cell; site.css shows it on a narrow screen."""
    for table in page.findall(nodes.tgroup):
        if "ansible-option-table" in table.parent["classes"]:  # antsibull-docs arranges these itself
            continue
        heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
        for row in (row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)):
            for head, cell in zip(heads, row.children, strict=False):
                if cell.children:
                    cell.insert(0, nodes.paragraph("", head, classes=["column-heading"]))


def arrange(app: Sphinx, page: nodes.document) -> None:
    """Leave out a page's own table of contents, which the theme has beside it, and put tables and sidebar in order.

    The sidebar is what the first page lists; it gets that page's headings, and of modules and roles the names alone.
    A section with nothing but a list is shown in the sidebar only.
    """
    label_cells(page)
    for topic in list(page.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    if app.env.docname != app.config.root_doc:
        return
    for section in list(page.findall(nodes.section)):
        title = section[section.first_child_matching_class(nodes.title)].astext()
        lists = [listed for child in section.children for listed in child.findall(toctree)]
        for listed in lists:
            listed["caption"] = listed["rawcaption"] = title.replace("Role Index", "Roles")  # the innermost is last
            listed["entries"] = [(short_name(name), name) for _title, name in listed["entries"]]
        others = [child for child in section.children if not isinstance(child, nodes.title | nodes.target)]
        if lists and len(others) == 1:  # the start page has the list in words
            for listed in lists:
                listed["hidden"] = True
            section.replace_self(section.children[1:])


def short_name(page: str) -> str | None:
    """Return the name of a page in the sidebar; None for its own title."""
    name, _underline, kind = page.rpartition("_")
    return name if kind in ("module", "role") and "/" not in name else None


def setup(app: Sphinx) -> None:
    """Connect the functions above to the events of Sphinx."""
    app.connect("doctree-read", arrange, priority=100)  # before Sphinx collects what is listed
    app.connect("missing-reference", link_elsewhere)
