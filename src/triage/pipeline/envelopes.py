"""The outsides of many messages, although the server may stumble over one of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from triage.errors import DeadlineError, NetworkError, ProtocolError
from triage.pipeline.ports import Pass
from triage.types import Envelope

log = logging.getLogger(__name__)


def envelopes(
    work: Pass, mailbox: str, uids: Sequence[int], *, fields: Sequence[str] = ()
) -> Iterator[Envelope]:
    """The envelopes that the server gives; a message that it breaks off at is left out.

    Some servers hang up where they cannot read one message: then the others are asked for in
    halves, each time over a new connection. Raises NetworkError or ProtocolError if the server
    cannot be reached again.
    """
    if not uids:
        return
    try:
        found = list(work.source.envelopes(mailbox, uids, fields=fields))
    except DeadlineError:
        raise
    except (NetworkError, ProtocolError) as error:
        work.source.connect()
        work.source.examine(mailbox)
        if len(uids) > 1:
            half = len(uids) // 2
            yield from envelopes(work, mailbox, uids[:half], fields=fields)
            yield from envelopes(work, mailbox, uids[half:], fields=fields)
        else:
            log.info("%s: nothing is told about uid %d: %s", mailbox, uids[0], error)
        return
    yield from found
