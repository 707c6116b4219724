"""The use cases of the call desk: what an agent does with a ticket, joined to the records.

    queue.py       take, next_opening, forecast        who may be called now, and when all are
    outcomes.py    finish, missed, put_off, give_back  how a call ended, and what follows from it
    cases.py       add                                 a case that did not come by mail
    briefing.py    shown                               a ticket with its brief
    report.py      report                               what came and what was done about it
    requesters.py  keep_contact                        wishes and numbers
    incidents.py   open_incident, close_incident …     one text for many
    teaching.py    give_feedback                       what an agent says of a mail's rank

Rules of a ticket's life are in calls/ticket.py; here they meet the store, calling hours and
promises. `now` is passed in.
"""

from triage.desk.briefing import Shown, shown
from triage.desk.cases import add
from triage.desk.incidents import close_incident, dismiss_incident, open_incident, standing
from triage.desk.outcomes import finish, give_back, missed, put_off
from triage.desk.queue import Forecast, forecast, next_opening, take
from triage.desk.report import Report, report
from triage.desk.requesters import keep_contact
from triage.desk.settings import DeskSettings, SettingsOf
from triage.desk.teaching import Taught, give_feedback

__all__ = [
    "DeskSettings",
    "Forecast",
    "Report",
    "SettingsOf",
    "Shown",
    "Taught",
    "add",
    "close_incident",
    "dismiss_incident",
    "finish",
    "forecast",
    "give_back",
    "give_feedback",
    "keep_contact",
    "missed",
    "next_opening",
    "open_incident",
    "put_off",
    "report",
    "shown",
    "standing",
    "take",
]
