# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms by the names of their playbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .cleanup import cleanup
from .ecp import (
    add_ecp_image_pull_secret,
    delete_ecp_image_pull_secret,
    list_ecp_image_pull_secrets,
    update_ecp_image_pull_secret,
    view_ecp_image_pull_secret,
)
from .import_docker_config import import_docker_config
from .primehub import add_git_secret, primehub_add_secret, primehub_update_secret
from .primehub_list import primehub_delete_secret, primehub_list_secrets
from .pull_secret_views import list_image_pull_secrets, view_image_pull_secret
from .pull_secrets import add_image_pull_secret, delete_image_pull_secret, update_image_pull_secret
from .sap import (
    add_sap_docker_registry_secret,
    delete_sap_docker_registry_secret,
    list_sap_docker_registry_secrets,
    update_sap_docker_registry_secret,
)
from .single_questions import ask_token, choose_namespace
from .steps import FormFlow

# The argument is whether Ansible runs in check mode.
FORM_BY_NAME: Mapping[str, Callable[[bool], FormFlow]] = {
    "add_git_secret": add_git_secret,
    "add_image_pull_secret": add_image_pull_secret,
    "cleanup": cleanup,
    "delete_image_pull_secret": delete_image_pull_secret,
    "explain_pull": choose_namespace,
    "find_credential": ask_token,
    "import_docker_config": import_docker_config,
    "list_image_pull_secrets": list_image_pull_secrets,
    "primehub_add_secret": primehub_add_secret,
    "primehub_delete_secret": primehub_delete_secret,
    "primehub_list_secrets": primehub_list_secrets,
    "primehub_update_secret": primehub_update_secret,
    "update_image_pull_secret": update_image_pull_secret,
    "view_image_pull_secret": view_image_pull_secret,
    "cdnetworks_ecp_add_image_pull_secret": add_ecp_image_pull_secret,
    "cdnetworks_ecp_delete_image_pull_secret": delete_ecp_image_pull_secret,
    "cdnetworks_ecp_list_image_pull_secrets": list_ecp_image_pull_secrets,
    "cdnetworks_ecp_update_image_pull_secret": update_ecp_image_pull_secret,
    "cdnetworks_ecp_view_image_pull_secret": view_ecp_image_pull_secret,
    "sap_ai_core_add_docker_registry_secret": add_sap_docker_registry_secret,
    "sap_ai_core_delete_docker_registry_secret": delete_sap_docker_registry_secret,
    "sap_ai_core_list_docker_registry_secrets": list_sap_docker_registry_secrets,
    "sap_ai_core_update_docker_registry_secret": update_sap_docker_registry_secret,
}
