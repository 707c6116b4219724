"""The use case `run`: mail in, tickets and drafts out, nothing lost in between.

run_pass (run.py) ── ours.py       what we have sent and drafted so far
                  ├─ intake.py     discover new mail, fetch it, survive bad mail
                  ├─ message.py    one message: parse, assess, decide, commit
                  ├─ cases.py      its way into the call queue
                  ├─ incidents.py  many like mails at once
                  ├─ letters.py    drafts that the desk asked for
                  ├─ drafts.py     holding replies into Drafts, exactly once
                  └─ envelopes.py  the outsides of messages, past those that the server cannot read
"""

from triage.pipeline.ports import AccountSettings, MailSource, PassReport, TeamDesk
from triage.pipeline.run import run_pass

__all__ = ["AccountSettings", "MailSource", "PassReport", "TeamDesk", "run_pass"]
