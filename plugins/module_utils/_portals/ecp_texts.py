# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ECP API in messages: its error codes, and what they mean. Source: ECP API Specification 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .portal_refusal import PortalTexts, RefusalMeaning

_CORRECT_IT = "Correct it."
_BY_THE_USER = "Change the registry user instead, with cdnetworks_ecp_registry_user."


def _read_ecp_error(document: Any) -> tuple[str, str]:
    if not isinstance(document, Mapping):
        return "", ""
    return str(document.get("error") or ""), str(document.get("message") or "")


ECP_TEXTS = PortalTexts(
    title="the ECP API",
    codes={
        "InvalidSecretName": RefusalMeaning("invalid_option", "", "Correct the name.", "name"),
        "RegistryNotAllowed": RefusalMeaning(
            "managed_elsewhere",
            "The platform makes the pull secret of a registry user itself.",
            _BY_THE_USER,
            "registry.server",
        ),
        "SecretNameExists": RefusalMeaning(
            "conflict", "Another client has created it meanwhile.", "Run the task again."
        ),
        "SecretNotFound": RefusalMeaning("conflict", "Another client has deleted it meanwhile.", "Run the task again."),
        "UpdateManagedSecretNotAllowed": RefusalMeaning(
            "managed_elsewhere", "The platform manages the pull secret of a registry user itself.", _BY_THE_USER
        ),
        "DeleteManagedSecretNotAllowed": RefusalMeaning(
            "managed_elsewhere", "The platform deletes it together with its registry user.", _BY_THE_USER
        ),
        "SecretBeingUsed": RefusalMeaning("in_use", "", "Remove it from the applications first."),
        "CredentialsBeingUsed": RefusalMeaning("in_use", "", "Remove its pull secret from the applications first."),
        "NotAuthorized": RefusalMeaning(
            "forbidden",
            "Only the admin account of the API may change registry users, and only a reseller acts for its customers.",
            "Use that account, or correct account.on_behalf_of.",
        ),
        "InvalidUsernamePrefix": RefusalMeaning("invalid_option", "", _CORRECT_IT, "username_prefix"),
        "UsernamePrefixExists": RefusalMeaning(
            "conflict",
            "The list of registry users has none whose name is this prefix, a hyphen and a random string.",
            "Write the complete name of the registry user as username, or another prefix.",
            "username_prefix",
        ),
        "UpdateUsernameNotAllowed": RefusalMeaning("immutable", "", "Create another registry user.", "username"),
        "InvalidPassword": RefusalMeaning("invalid_option", "", "Give another password.", "password"),
        "InvalidEmailAddress": RefusalMeaning("invalid_option", "", _CORRECT_IT, "email"),
        "EmailAddressExists": RefusalMeaning(
            "conflict", "Each registry user has an email address of its own.", "Give another one.", "email"
        ),
        "InvalidAccessType": RefusalMeaning("invalid_option", "", _CORRECT_IT, "projects_access"),
        "ProjectNotFound": RefusalMeaning(
            "not_found", "", "Create the project on the portal first, or correct its name.", "projects_access"
        ),
        "RepeatedProjectName": RefusalMeaning("invalid_option", "", "Name each project once.", "projects_access"),
        "FieldValueTooLong": RefusalMeaning("invalid_option", "", "Shorten the value that the portal names."),
        "RequiredFieldMissing": RefusalMeaning("invalid_option", "", "Add the value that the portal names."),
        "UserNotFound": RefusalMeaning("conflict", "Another client has deleted it meanwhile.", "Run the task again."),
    },
    statuses={
        401: RefusalMeaning(
            "unauthorized",
            "The API does not accept the account.",
            "Check account.user, account.api_key and account.on_behalf_of.",
        ),
    },
    read_error=_read_ecp_error,
    request_id_header="Qtl-Request-Id",
)
