"""A client for the LLM Judge Auditor.

from judge_auditor import audit

audit("The bridge is 412 metres long.", "The bridge is 640 metres long.").report()
"""

from . import models
from ._async.client import AsyncClient
from ._async.follow import AsyncFollow
from ._sync.client import Client
from ._sync.follow import Follow
from .errors import AuditFailed, AuditorError, FieldFault
from .evaluation import Evaluation
from .messages import Gap
from .one_line import audit, audit_async
from .position import Position
from .settings import Limits
from .testing import NotSupported, assert_supported

__all__ = [
    "AsyncClient",
    "AsyncFollow",
    "AuditFailed",
    "AuditorError",
    "Client",
    "Evaluation",
    "FieldFault",
    "Follow",
    "Gap",
    "Limits",
    "NotSupported",
    "Position",
    "assert_supported",
    "audit",
    "audit_async",
    "models",
]
