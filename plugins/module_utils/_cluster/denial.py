# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The webhook, policy or quota of the cluster that refused a request, read from the answer.

The status does not show it: a webhook and a policy choose theirs, and a quota shares 403 with missing permissions.
"""

from __future__ import annotations

import re

from .._dataclasses import dataclass
from .._errors import FailureId

_ASK = "Ask an administrator of the cluster which rule that is, and how this object can comply with it."
_QUOTA = "Remove what is no longer needed in the namespace, or have the quota raised."


@dataclass(frozen=True)
class Denial:
    """A refusal by admission control. ``by`` names what refused, ``text`` is its own reason."""

    failure: FailureId
    by: str
    text: str
    remedy: str


@dataclass(frozen=True)
class _DenialRow:
    """A form in which the API server reports a denial.

    The pattern has a group ``text``, and ``name`` where ``by`` uses it.
    """

    pattern: re.Pattern[str]
    by: str
    failure: FailureId = "admission_denied"
    remedy: str = _ASK


def _row(pattern: str, by: str, failure: FailureId = "admission_denied", remedy: str = _ASK) -> _DenialRow:
    return _DenialRow(re.compile(pattern, re.DOTALL), by, failure, remedy)


# The first words of a refusal that names the object.
_OBJECT = r"(?:[\w.-]+ (?:\"[^\"]*\" )?is forbidden: )"

# In order. k8s.io/apiserver: pkg/admission/plugin/webhook/errors/statuserror.go, .../policy/validating/dispatcher.go,
# .../resourcequota/controller.go; pkg/admission/errors.go.
_DENIAL_ROWS = (
    _row(
        r'admission webhook "(?P<name>[^"]+)" denied the request(?:: | without explanation)(?P<text>.*)',
        'admission webhook "{name}"',
    ),
    _row(
        _OBJECT
        + r"?ValidatingAdmissionPolicy '(?P<name>[^']+)'(?: with binding '[^']*')? denied request: (?P<text>.*)",
        'ValidatingAdmissionPolicy "{name}"',
    ),
    _row(
        _OBJECT + r"(?P<text>(?:exceeded|failed|status unknown for) quota: (?P<name>[^,:]+).*)",
        'ResourceQuota "{name}"',
        "quota",
        _QUOTA,
    ),
    _row(_OBJECT + r"(?P<text>insufficient quota .*)", "the quota of the cluster", "quota", _QUOTA),
)
# Any other 403 without the words of a missing permission is from another admission plugin of the API server.
_PLUGIN = _row(
    _OBJECT + r'(?!User "|unable to create new content)(?P<text>.*)', "an admission plugin of the API server"
)


def find_denial(status: int, message: str) -> Denial | None:
    """Return what refused a request on behalf of the cluster, or None for every other reason."""
    rows = [*_DENIAL_ROWS]
    if status == 403:
        rows.append(_PLUGIN)
    for row in rows:
        found = row.pattern.fullmatch(message)
        if found:
            parts = found.groupdict()
            return Denial(row.failure, row.by.format(name=parts.get("name", "")), parts["text"].strip(), row.remedy)
    return None
