"""The tables, and the steps that bring an older store up to date.

The SQL keeps to what SQLite and PostgreSQL share: BIGINT for ids and for instants
(milliseconds since 1970 in UTC), TEXT for words and JSON, no triggers. Each migration
runs in one transaction; a store with a newer version than `VERSION` is refused.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    # ------------------------------------------------------------------ version 1
    """
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );

    -- How far each mailbox has been discovered. `cursor` is the highest uid that has a row.
    CREATE TABLE mailbox (
        account TEXT NOT NULL,
        mailbox TEXT NOT NULL,
        uidvalidity BIGINT NOT NULL,
        cursor BIGINT NOT NULL,
        start_line BIGINT NOT NULL,      -- mail that arrived before it is left alone as old
        PRIMARY KEY (account, mailbox)
    );

    CREATE TABLE conversation (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        created BIGINT NOT NULL
    );
    CREATE TABLE participant (
        conversation BIGINT NOT NULL REFERENCES conversation (id),
        address TEXT NOT NULL,
        PRIMARY KEY (conversation, address)
    );
    -- Which Message-ID belongs to which conversations (a forged one may name two).
    CREATE TABLE conversation_key (
        account TEXT NOT NULL,
        message_id TEXT NOT NULL,
        conversation BIGINT NOT NULL REFERENCES conversation (id),
        PRIMARY KEY (account, message_id, conversation)
    );

    -- One row a message, made when it is discovered, before any work. A row without a
    -- disposition is open: the open rows are the work list.
    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        mailbox TEXT NOT NULL,
        uidvalidity BIGINT NOT NULL,
        uid BIGINT NOT NULL,
        size BIGINT NOT NULL,
        internal_date BIGINT,
        discovered BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,   -- counted before each fetch
        fault TEXT NOT NULL DEFAULT '',       -- why the last attempt failed
        decided BIGINT,
        disposition TEXT CHECK (disposition IN
            ('quarantined', 'ticketed', 'uncertain', 'drafted', 'owed', 'left_alone')),
        ground TEXT NOT NULL DEFAULT '',
        why TEXT NOT NULL DEFAULT '',
        message_id TEXT NOT NULL DEFAULT '',
        in_reply_to TEXT NOT NULL DEFAULT '[]',
        fingerprint TEXT NOT NULL DEFAULT '',
        received BIGINT,
        subject TEXT NOT NULL DEFAULT '',
        sender_name TEXT NOT NULL DEFAULT '',
        sender_address TEXT NOT NULL DEFAULT '',
        requester_name TEXT NOT NULL DEFAULT '',
        requester_address TEXT NOT NULL DEFAULT '',
        new_text TEXT NOT NULL DEFAULT '',    -- redacted; never quoted history
        score DOUBLE PRECISION,
        verdict TEXT NOT NULL DEFAULT '',
        assessment TEXT NOT NULL DEFAULT '{}',
        conversation BIGINT REFERENCES conversation (id),
        ticket BIGINT,
        draft BIGINT,
        answered BIGINT,                      -- when a person of ours answered it
        UNIQUE (account, mailbox, uidvalidity, uid)
    );
    CREATE INDEX message_open ON message (account, mailbox, uid) WHERE disposition IS NULL;
    CREATE INDEX message_owed ON message (received) WHERE disposition = 'owed';
    CREATE INDEX message_fingerprint ON message (fingerprint) WHERE fingerprint <> '';
    CREATE INDEX message_requester ON message (account, requester_address, received);
    CREATE INDEX message_conversation ON message (conversation);
    CREATE INDEX message_message_id ON message (account, message_id);
    CREATE INDEX message_ticket ON message (ticket) WHERE ticket IS NOT NULL;
    CREATE INDEX message_newest ON message (received);

    -- Raw mail is kept only here, capped, until a person has looked.
    CREATE TABLE quarantine (
        message BIGINT PRIMARY KEY REFERENCES message (id),
        reason TEXT NOT NULL,
        content BLOB,
        at BIGINT NOT NULL
    );

    -- Our own mail as seen in Sent, answered_in, Drafts and the inbox: headers only.
    CREATE TABLE sighting (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        mailbox TEXT NOT NULL,
        uidvalidity BIGINT NOT NULL,
        uid BIGINT NOT NULL,
        message_id TEXT NOT NULL,
        sender TEXT NOT NULL,
        recipients TEXT NOT NULL,        -- JSON list of addresses
        at BIGINT NOT NULL,
        marker TEXT NOT NULL DEFAULT '',
        role TEXT NOT NULL CHECK (role IN
            ('answer', 'holding_reply', 'draft', 'automatic')),
        UNIQUE (account, mailbox, uidvalidity, uid)
    );
    CREATE INDEX sighting_marker ON sighting (account, marker) WHERE marker <> '';
    CREATE INDEX sighting_message_id ON sighting (account, message_id);
    CREATE TABLE sighting_reference (
        account TEXT NOT NULL,
        message_id TEXT NOT NULL,        -- what the sighted mail refers to
        sighting BIGINT NOT NULL REFERENCES sighting (id),
        PRIMARY KEY (account, message_id, sighting)
    );

    -- One requester's case in the call queue. States: see calls/ticket.py.
    CREATE TABLE ticket (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        requester_name TEXT NOT NULL,
        requester_address TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
            ('waiting', 'scheduled', 'claimed', 'resolved', 'cancelled')),
        tier BIGINT NOT NULL,            -- 0 = life and safety
        rank_key DOUBLE PRECISION NOT NULL,
        score DOUBLE PRECISION NOT NULL,
        phone TEXT NOT NULL DEFAULT '',
        phone_verified BIGINT NOT NULL DEFAULT 0,
        contact TEXT NOT NULL,           -- phone | look_up | writing
        flags TEXT NOT NULL DEFAULT '[]',
        subject TEXT NOT NULL DEFAULT '',
        opened BIGINT NOT NULL,
        received BIGINT NOT NULL,        -- of its first mail
        last_mail BIGINT NOT NULL,       -- of its newest mail
        attempts BIGINT NOT NULL DEFAULT 0,
        next_attempt BIGINT,
        claimed_by TEXT NOT NULL DEFAULT '',
        claim TEXT NOT NULL DEFAULT '',
        lease_expires BIGINT,
        messages BIGINT NOT NULL DEFAULT 0,
        reasons TEXT NOT NULL DEFAULT '[]',
        outcome TEXT NOT NULL DEFAULT '',
        merged_into BIGINT,
        split BIGINT NOT NULL DEFAULT 0, -- parted by an agent: mails do not join it by address
        closed BIGINT
    );
    CREATE INDEX ticket_queue ON ticket (tier, rank_key DESC) WHERE status IN ('waiting', 'scheduled', 'claimed');
    CREATE INDEX ticket_requester ON ticket (account, requester_address);
    -- One open case an address, unless an agent split it.
    CREATE UNIQUE INDEX ticket_one_open ON ticket (account, requester_address)
        WHERE status IN ('waiting', 'scheduled', 'claimed') AND split = 0 AND requester_address <> '';

    -- Holding replies. States: see types.DraftStatus.
    CREATE TABLE draft (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        message BIGINT NOT NULL REFERENCES message (id),
        conversation BIGINT NOT NULL,
        generation BIGINT NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'appending', 'stored', 'uncertain',
            'sent', 'answered', 'discarded', 'withdrawn', 'failed')),
        requester_name TEXT NOT NULL,
        requester_address TEXT NOT NULL,
        subject TEXT NOT NULL,
        text TEXT NOT NULL,              -- our words, without the quoted original
        content BLOB,                    -- the bytes; NULL once stored
        marker TEXT NOT NULL UNIQUE,
        message_id TEXT NOT NULL,
        in_reply_to TEXT NOT NULL,
        created BIGINT NOT NULL,
        not_before BIGINT NOT NULL,      -- replies.wait after arrival
        mailbox TEXT NOT NULL DEFAULT '',
        uidvalidity BIGINT,              -- of Drafts, saved before the APPEND
        uidnext BIGINT,                  -- of Drafts, saved before the APPEND
        appending BIGINT,                -- when the APPEND was started
        uid BIGINT,
        stored BIGINT,
        missing BIGINT,                  -- since when it is no longer in Drafts
        stale BIGINT NOT NULL DEFAULT 0, -- the requester wrote again after it
        promise TEXT NOT NULL DEFAULT '' -- what it promises, as configured ("1 business day")
    );
    CREATE UNIQUE INDEX draft_one_unsent ON draft (conversation)
        WHERE status IN ('pending', 'appending', 'stored', 'uncertain');
    CREATE INDEX draft_status ON draft (account, status);
    CREATE INDEX draft_requester ON draft (account, requester_address, created);
    CREATE INDEX draft_message_id ON draft (account, message_id);

    -- What we owe by a time. `due` is NULL until the draft that promises it was sent.
    CREATE TABLE promise (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        requester_name TEXT NOT NULL,
        requester_address TEXT NOT NULL,
        conversation BIGINT,
        ticket BIGINT,
        draft BIGINT,
        text TEXT NOT NULL,
        made BIGINT,
        due BIGINT,
        status TEXT NOT NULL CHECK (status IN ('unsent', 'open', 'kept', 'broken', 'moot')),
        closed BIGINT
    );
    CREATE INDEX promise_status ON promise (status, due);
    CREATE UNIQUE INDEX promise_draft ON promise (draft) WHERE draft IS NOT NULL;

    -- Wishes and numbers of a requester, found in mail or set by an agent.
    CREATE TABLE contact (
        address TEXT PRIMARY KEY,
        name TEXT NOT NULL DEFAULT '',
        phone TEXT NOT NULL DEFAULT '',
        phone_verified BIGINT NOT NULL DEFAULT 0,
        flags TEXT NOT NULL DEFAULT '[]',
        note TEXT NOT NULL DEFAULT '',
        changed BIGINT NOT NULL
    );

    -- Who did what, when and why: of tickets, drafts, promises, messages, contacts.
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        at BIGINT NOT NULL,
        subject TEXT NOT NULL,           -- ticket | draft | promise | message | contact | mailbox
        subject_id TEXT NOT NULL,
        who TEXT NOT NULL,               -- an agent, or "triage"
        what TEXT NOT NULL,
        why TEXT NOT NULL DEFAULT '',
        detail TEXT NOT NULL DEFAULT '{}'
    );
    CREATE INDEX event_subject ON event (subject, subject_id, id);

    -- Every pass over an account, with its counts.
    CREATE TABLE pass (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        started BIGINT NOT NULL,
        seconds DOUBLE PRECISION NOT NULL,
        status TEXT NOT NULL,            -- ok, or an error's code
        error TEXT NOT NULL DEFAULT '',
        counts TEXT NOT NULL
    );
    CREATE INDEX pass_account ON pass (account, started);

    -- A fault that may pass: since when it lasts without a good pass in between.
    CREATE TABLE fault (
        account TEXT PRIMARY KEY,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        since BIGINT NOT NULL
    );

    CREATE TABLE feedback (
        id INTEGER PRIMARY KEY,
        message BIGINT NOT NULL REFERENCES message (id),
        verdict TEXT NOT NULL CHECK (verdict IN ('call', 'reply', 'none')),
        who TEXT NOT NULL,
        at BIGINT NOT NULL
    );

    -- Keyed hashes of forgotten mail, so that it is not taken up again.
    CREATE TABLE tombstone (
        hash TEXT PRIMARY KEY,
        at BIGINT NOT NULL
    );
    """,
    # ------------------------------------------------------------------ version 2
    """
    -- agent: said outright; outcome: how a call ended.
    ALTER TABLE feedback ADD COLUMN source TEXT NOT NULL DEFAULT 'agent';
    ALTER TABLE feedback ADD COLUMN note TEXT NOT NULL DEFAULT '';
    CREATE INDEX feedback_message ON feedback (message);
    """,
    # ------------------------------------------------------------------ version 3
    """
    ALTER TABLE ticket ADD COLUMN region TEXT NOT NULL DEFAULT '';    -- "GB Europe/London"
    ALTER TABLE ticket ADD COLUMN language TEXT NOT NULL DEFAULT '';
    CREATE INDEX ticket_opened ON ticket (opened);
    CREATE INDEX ticket_closed ON ticket (closed) WHERE closed IS NOT NULL;
    CREATE INDEX ticket_region ON ticket (account, region) WHERE status IN ('waiting', 'scheduled', 'claimed');
    """,
    # ------------------------------------------------------------------ version 4
    """
    ALTER TABLE ticket ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';   -- what the rank key is made of
    ALTER TABLE ticket ADD COLUMN pause TEXT NOT NULL DEFAULT '';     -- why it is scheduled: types.Pause
    ALTER TABLE ticket ADD COLUMN desk TEXT NOT NULL DEFAULT '';      -- who of the team has it
    ALTER TABLE ticket ADD COLUMN incident BIGINT;
    CREATE INDEX ticket_incident ON ticket (incident) WHERE incident IS NOT NULL;
    CREATE INDEX ticket_holder ON ticket (claimed_by) WHERE status = 'claimed';
    CREATE INDEX ticket_address ON ticket (requester_address)
        WHERE status IN ('waiting', 'scheduled', 'claimed') AND requester_address <> '';

    ALTER TABLE message ADD COLUMN incident BIGINT;
    CREATE INDEX message_incident ON message (incident) WHERE incident IS NOT NULL;

    -- A promise that the law makes for us, with the desk that keeps it.
    ALTER TABLE promise ADD COLUMN desk TEXT NOT NULL DEFAULT '';
    CREATE INDEX promise_requester ON promise (account, requester_address);

    -- A draft that the desk asks for; a run words it and puts it into Drafts.
    CREATE TABLE letter (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        kind TEXT NOT NULL,              -- replies/letters.py
        ticket BIGINT,
        message BIGINT,                  -- the mail that it answers; NULL: the newest of the ticket
        said TEXT NOT NULL DEFAULT '',   -- in the words of an agent or the team
        due BIGINT,                      -- of what was said, if it promises something
        wanted BIGINT NOT NULL,
        not_before BIGINT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('wanted', 'drafted', 'dropped')),
        draft BIGINT,
        who TEXT NOT NULL
    );
    CREATE INDEX letter_wanted ON letter (account, not_before) WHERE status = 'wanted';
    CREATE INDEX letter_ticket ON letter (ticket);

    CREATE TABLE incident (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('proposed', 'open', 'closed', 'dismissed')),
        terms TEXT NOT NULL,             -- what later mails are compared with (incidents.py)
        example BIGINT,                  -- its most typical mail
        since BIGINT NOT NULL,           -- its first mail
        noticed BIGINT NOT NULL,
        opened BIGINT,
        closed BIGINT,
        said TEXT NOT NULL DEFAULT '',   -- what the team tells everybody
        last_words TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX incident_status ON incident (account, status);

    -- A letter may answer no mail (a case added by hand): `message` may be NULL now.
    CREATE TABLE draft_v4 (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        message BIGINT REFERENCES message (id),  -- whose fate it shares; NULL for a letter of the desk
        ticket BIGINT,                           -- of a letter
        conversation BIGINT NOT NULL,
        generation BIGINT NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'appending', 'stored', 'uncertain',
            'sent', 'answered', 'discarded', 'withdrawn', 'failed')),
        requester_name TEXT NOT NULL,
        requester_address TEXT NOT NULL,
        subject TEXT NOT NULL,
        text TEXT NOT NULL,
        content BLOB,
        marker TEXT NOT NULL UNIQUE,
        message_id TEXT NOT NULL,
        in_reply_to TEXT NOT NULL,
        created BIGINT NOT NULL,
        not_before BIGINT NOT NULL,
        mailbox TEXT NOT NULL DEFAULT '',
        uidvalidity BIGINT,
        uidnext BIGINT,
        appending BIGINT,
        uid BIGINT,
        stored BIGINT,
        missing BIGINT,
        stale BIGINT NOT NULL DEFAULT 0,
        promise TEXT NOT NULL DEFAULT ''
    );
    INSERT INTO draft_v4 (id, account, message, conversation, generation, kind, language, status, requester_name,
        requester_address, subject, text, content, marker, message_id, in_reply_to, created, not_before, mailbox,
        uidvalidity, uidnext, appending, uid, stored, missing, stale, promise)
        SELECT id, account, message, conversation, generation, kind, language, status, requester_name,
        requester_address, subject, text, content, marker, message_id, in_reply_to, created, not_before, mailbox,
        uidvalidity, uidnext, appending, uid, stored, missing, stale, promise FROM draft;
    DROP TABLE draft;
    ALTER TABLE draft_v4 RENAME TO draft;
    CREATE UNIQUE INDEX draft_one_unsent ON draft (conversation)
        WHERE status IN ('pending', 'appending', 'stored', 'uncertain');
    CREATE INDEX draft_status ON draft (account, status);
    CREATE INDEX draft_requester ON draft (account, requester_address, created);
    CREATE INDEX draft_message_id ON draft (account, message_id);
    CREATE INDEX draft_ticket ON draft (ticket) WHERE ticket IS NOT NULL;
    """,
    # ------------------------------------------------------------------ version 5
    """
    -- When they say that they can be phoned ("18:00-00:00 mon,tue").
    ALTER TABLE ticket ADD COLUMN callback TEXT NOT NULL DEFAULT '';
    DROP INDEX ticket_region;
    CREATE INDEX ticket_place ON ticket (account, region, callback)
        WHERE status IN ('waiting', 'scheduled', 'claimed') AND contact = 'phone';
    CREATE INDEX event_at ON event (subject, at);
    CREATE INDEX promise_conversation ON promise (conversation);
    CREATE INDEX draft_conversation ON draft (conversation);
    CREATE INDEX message_text ON message (decided) WHERE new_text <> '';
    """,
)

VERSION = len(MIGRATIONS)

TABLES = (
    "meta",
    "mailbox",
    "conversation",
    "participant",
    "conversation_key",
    "message",
    "quarantine",
    "sighting",
    "sighting_reference",
    "ticket",
    "draft",
    "promise",
    "letter",
    "incident",
    "contact",
    "event",
    "pass",
    "fault",
    "feedback",
    "tombstone",
)
"""Every table, each after those that it refers to."""
