CREATE TRIGGER outbox_added AFTER INSERT ON outbox WHEN NEW.status = 'waiting' BEGIN
    INSERT INTO mail_domains (domain, due_at) VALUES (NEW.domain, NEW.due_at)
        ON CONFLICT (domain) DO UPDATE SET due_at = min(due_at, excluded.due_at);
END;

CREATE TRIGGER outbox_moved AFTER UPDATE OF status, next_try_at, lease_expires_at ON outbox BEGIN
    DELETE FROM mail_domains WHERE domain = NEW.domain;
    INSERT INTO mail_domains (domain, due_at)
        SELECT domain, due_at FROM outbox WHERE status = 'waiting' AND domain = NEW.domain
        ORDER BY due_at, id LIMIT 1;
END;

CREATE TABLE artifacts (
    build TEXT NOT NULL REFERENCES builds (id),
    name TEXT NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 0),
    role TEXT NOT NULL CHECK (role IN ('product', 'picture')),
    content_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (build, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    blocked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "builds" (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    recipe TEXT NOT NULL,
    recipe_digest TEXT NOT NULL,
    provider TEXT NOT NULL,
    inputs TEXT NOT NULL CHECK (json_valid(inputs)),
    address TEXT,
    -- The address as addresses are compared.
    address_key TEXT,
    language TEXT NOT NULL,
    priority INTEGER NOT NULL,
    retention_ms INTEGER NOT NULL CHECK (retention_ms >= 0),
    source TEXT,
    -- When the source may be forgotten.
    source_until INTEGER NOT NULL,
    idempotency_digest TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'triggering', 'running', 'collecting', 'verifying',
        'succeeded', 'failed', 'cancelled', 'expired')),
    attempts_used INTEGER NOT NULL CHECK (attempts_used >= 0),
    attempt_number INTEGER CHECK (attempt_number >= 1),
    attempt_key TEXT,
    run_provider TEXT,
    run_id TEXT,
    run_url TEXT,
    phase_label TEXT,
    phase_percent INTEGER CHECK (phase_percent BETWEEN 0 AND 100),
    failure_kind TEXT CHECK (failure_kind IN ('input', 'build', 'infrastructure', 'timeout')),
    failure_message TEXT,
    failure_line TEXT,
    failure_context TEXT CHECK (length(failure_context) <= 4000),
    created_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    turn_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    expires_at INTEGER,
    files_removed_at INTEGER,
    next_action_at INTEGER,
    lease_token TEXT CHECK (length(lease_token) = 26),
    lease_expires_at INTEGER,
    nudged_at INTEGER,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    -- The first build of the submission, and the place in it.
    lead TEXT REFERENCES builds (id),
    place INTEGER CHECK (place >= 0),
    target TEXT,
    follows TEXT REFERENCES builds (id),
    reused_from TEXT REFERENCES builds (id),
    reuse_key TEXT,
    -- Until when the address' owner is asked; it stays when the build ends unconfirmed.
    confirm_by INTEGER, number INTEGER NOT NULL DEFAULT 0 CHECK (number >= 0), to_gather INTEGER NOT NULL DEFAULT 0 CHECK (to_gather IN (0, 1)),

    CHECK ((attempt_number IS NOT NULL)
        = (state IN ('triggering', 'running', 'collecting', 'verifying'))),
    CHECK ((attempt_key IS NULL) = (attempt_number IS NULL)),
    CHECK (attempt_number IS NULL OR attempts_used = attempt_number - 1),
    CHECK ((run_id IS NOT NULL) = (state IN ('running', 'collecting', 'verifying'))),
    CHECK ((run_provider IS NULL) = (run_id IS NULL)),
    CHECK (run_url IS NULL OR run_id IS NOT NULL),
    CHECK (phase_label IS NULL OR state = 'running'),
    CHECK (phase_percent IS NULL OR phase_label IS NOT NULL),
    CHECK ((failure_kind IS NOT NULL) = (state = 'failed')),
    CHECK ((failure_message IS NULL) = (failure_kind IS NULL)),
    CHECK (failure_line IS NULL OR failure_kind IS NOT NULL),
    CHECK (failure_context IS NULL OR failure_kind IS NOT NULL),
    CHECK (started_at IS NOT NULL OR attempt_number IS NULL),
    CHECK (state <> 'succeeded' OR started_at IS NOT NULL OR reused_from IS NOT NULL),
    CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled', 'expired'))),
    CHECK ((expires_at IS NULL) = (finished_at IS NULL)),
    CHECK ((next_action_at IS NULL) = (finished_at IS NOT NULL)),
    CHECK (files_removed_at IS NULL OR finished_at IS NOT NULL),
    CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL)),
    CHECK (lease_token IS NULL OR attempt_number IS NOT NULL),
    CHECK (nudged_at IS NULL OR lease_token IS NOT NULL),
    CHECK ((lead IS NULL) = (place IS NULL)),
    CHECK ((lead = id) = (place = 0)),
    CHECK (follows IS NULL OR (state = 'queued' AND follows <> id)),
    CHECK (reused_from IS NULL OR (state = 'succeeded' AND reused_from <> id)),
    CHECK ((address_key IS NULL) = (address IS NULL)),
    CHECK (confirm_by IS NULL OR (address IS NOT NULL AND follows IS NULL AND started_at IS NULL
        AND attempts_used = 0 AND state IN ('queued', 'failed', 'cancelled', 'expired')))
) STRICT;

CREATE TABLE clean_ups (
    attempt_key TEXT NOT NULL PRIMARY KEY,
    attempt_number INTEGER NOT NULL CHECK (attempt_number >= 1),
    build TEXT NOT NULL REFERENCES builds (id),
    provider TEXT NOT NULL,
    run_id TEXT,
    run_url TEXT,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    next_action_at INTEGER NOT NULL,
    lease_token TEXT CHECK (length(lease_token) = 26),
    lease_expires_at INTEGER,
    CHECK (run_url IS NULL OR run_id IS NOT NULL),
    CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL))
) STRICT;

CREATE TABLE confirmed_addresses (
    address_key TEXT NOT NULL PRIMARY KEY,
    confirmed_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'builds'),
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_starts (
    entry TEXT NOT NULL,
    number INTEGER NOT NULL,
    domain TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    PRIMARY KEY (entry, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE "outbox" (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    build TEXT NOT NULL REFERENCES builds (id),
    cause TEXT NOT NULL CHECK (cause IN ('ended', 'confirmation')),
    kind TEXT NOT NULL CHECK (kind IN ('succeeded', 'failed', 'cancelled', 'expired', 'confirmation')),
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    domain TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'accepted', 'deferred', 'delivered', 'bounced',
        'refused', 'cancelled')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    last_error TEXT,
    created_at INTEGER NOT NULL,
    patience_since INTEGER NOT NULL,
    settled_at INTEGER,
    next_try_at INTEGER,
    transport TEXT,
    receipt TEXT,
    lease_token TEXT CHECK (length(lease_token) = 26),
    lease_expires_at INTEGER,
    -- When somebody may claim it.
    due_at INTEGER GENERATED ALWAYS AS
        (CASE WHEN status = 'waiting' THEN max(next_try_at, coalesce(lease_expires_at, next_try_at)) END) VIRTUAL,
    UNIQUE (build, cause),
    CHECK ((cause = 'confirmation') = (kind = 'confirmation')),
    CHECK ((settled_at IS NULL) = (status = 'waiting')),
    CHECK ((next_try_at IS NULL) = (status <> 'waiting')),
    CHECK (transport IS NULL OR status IN ('accepted', 'deferred', 'delivered', 'bounced')),
    CHECK (receipt IS NULL OR transport IS NOT NULL),
    CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL)),
    -- Something can be heard of a mail before whoever sends it has written down that it was taken.
    CHECK (lease_token IS NULL OR status IN ('waiting', 'deferred', 'delivered', 'bounced'))
) STRICT;

CREATE TABLE probe (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL
) STRICT;

CREATE TABLE reports (
    attempt_key TEXT NOT NULL PRIMARY KEY,
    build TEXT NOT NULL REFERENCES builds (id),
    phase_label TEXT,
    phase_percent INTEGER CHECK (phase_percent BETWEEN 0 AND 100),
    result TEXT CHECK (result IN ('succeeded', 'failed')),
    failure_kind TEXT CHECK (failure_kind IN ('input', 'build', 'infrastructure', 'timeout')),
    failure_message TEXT,
    run_id TEXT,
    run_url TEXT,
    reported_at INTEGER NOT NULL,
    CHECK (phase_percent IS NULL OR phase_label IS NOT NULL),
    CHECK ((failure_kind IS NOT NULL) = (result IS NOT NULL AND result = 'failed')),
    CHECK ((failure_message IS NULL) = (failure_kind IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    build TEXT NOT NULL REFERENCES builds (id),
    attempt_number INTEGER NOT NULL CHECK (attempt_number >= 1),
    attempt_key TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    run_id TEXT NOT NULL,
    run_url TEXT,
    triggered_at INTEGER NOT NULL,
    PRIMARY KEY (build, attempt_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    recipe TEXT NOT NULL CHECK (length(recipe) > 0),
    package TEXT NOT NULL CHECK (length(package) BETWEEN 1 AND 255),
    algorithm TEXT NOT NULL CHECK (length(algorithm) > 0),
    -- SHA-256 of the certificate, in hex.
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    sealed BLOB NOT NULL CHECK (length(sealed) > 0),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (recipe, package),
    CHECK (last_used_at IS NULL OR last_used_at >= created_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE starts (
    attempt_key TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    recipe TEXT NOT NULL,
    started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressions (
    address_key TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('bounced', 'asked')),
    words TEXT,
    suppressed_at INTEGER NOT NULL,
    suppressed_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "timeline" (
    build TEXT NOT NULL REFERENCES builds (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    entered_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'triggering', 'running', 'collecting', 'verifying',
        'succeeded', 'failed', 'cancelled', 'expired')),
    event TEXT NOT NULL CHECK (event IN ('accepted', 'claimed', 'gathered', 'triggered', 'runLocated',
        'phaseChanged', 'runSucceeded', 'collected', 'verified', 'attemptLost', 'ended', 'cancelled',
        'expired', 'reused', 'inputFetched', 'unfollowed', 'confirmed', 'fetching', 'fetched')),
    note TEXT,
    percent INTEGER CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (build, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE tries (
    entry TEXT NOT NULL REFERENCES outbox (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    tried_at INTEGER NOT NULL,
    transport TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'notNow', 'unknown')),
    words TEXT,
    PRIMARY KEY (entry, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    build TEXT NOT NULL REFERENCES builds (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_age ON blocks (blocked_until);

CREATE INDEX builds_address ON builds (address_key, created_at) WHERE address_key IS NOT NULL;

CREATE INDEX builds_ended ON builds (state, finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX builds_expiring ON builds (expires_at)
    WHERE expires_at IS NOT NULL AND files_removed_at IS NULL;

CREATE INDEX builds_following ON builds (follows, id, state) WHERE follows IS NOT NULL;

CREATE INDEX builds_gathering ON builds (source, state, to_gather)
    WHERE state = 'triggering' AND to_gather = 1;

CREATE UNIQUE INDEX builds_group ON builds (lead, place) WHERE lead IS NOT NULL;

CREATE UNIQUE INDEX builds_idempotency ON builds (idempotency_digest)
    WHERE idempotency_digest IS NOT NULL;

CREATE UNIQUE INDEX builds_number ON builds (number);

CREATE INDEX builds_queue
    ON builds (provider, priority DESC, turn_at, id, recipe, next_action_at, state, follows, confirm_by,
        to_gather)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;

CREATE INDEX builds_queue_address ON builds (address_key, turn_at)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND address_key IS NOT NULL;

CREATE INDEX builds_queue_due ON builds (next_action_at, state, follows, confirm_by)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;

CREATE INDEX builds_queue_recipe ON builds (recipe, queued_at)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;

CREATE INDEX builds_queue_source ON builds (source, turn_at)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND source IS NOT NULL;

CREATE INDEX builds_reuse ON builds (reuse_key, created_at)
    WHERE reuse_key IS NOT NULL AND follows IS NULL AND reused_from IS NULL AND confirm_by IS NULL;

CREATE INDEX builds_source ON builds (source, created_at) WHERE source IS NOT NULL;

CREATE INDEX builds_source_age ON builds (source_until) WHERE source IS NOT NULL;

CREATE INDEX builds_succeeded ON builds (recipe, finished_at, started_at)
    WHERE state = 'succeeded' AND started_at IS NOT NULL;

CREATE INDEX builds_to_gather ON builds (priority DESC, turn_at, id, next_action_at)
    WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND to_gather = 1;

CREATE INDEX builds_unconfirmed ON builds (confirm_by, address_key, state)
    WHERE state = 'queued' AND confirm_by IS NOT NULL;

CREATE INDEX builds_unconfirmed_address ON builds (address_key, confirm_by, state)
    WHERE state = 'queued' AND confirm_by IS NOT NULL;

CREATE INDEX builds_under_way
    ON builds (next_action_at, lease_expires_at, provider, recipe, state, to_gather)
    WHERE state IN ('triggering', 'running', 'collecting', 'verifying');

CREATE INDEX clean_ups_build ON clean_ups (build);

CREATE INDEX clean_ups_due ON clean_ups (next_action_at, lease_expires_at);

CREATE INDEX confirmed_addresses_age ON confirmed_addresses (confirmed_until);

CREATE INDEX mail_domains_due ON mail_domains (due_at, domain);

CREATE INDEX mail_starts_age ON mail_starts (started_at);

CREATE INDEX mail_starts_domain ON mail_starts (domain, started_at);

CREATE INDEX outbox_address ON outbox (address_key, id);

CREATE INDEX outbox_confirmations ON outbox (address_key, created_at) WHERE cause = 'confirmation';

CREATE INDEX outbox_due ON outbox (domain, due_at, id) WHERE status = 'waiting';

CREATE INDEX outbox_status ON outbox (status, id);

CREATE INDEX outbox_under_way ON outbox (domain, lease_expires_at) WHERE lease_token IS NOT NULL;

CREATE INDEX outbox_waiting ON outbox (created_at, status) WHERE status = 'waiting';

CREATE INDEX reports_build ON reports (build);

CREATE INDEX starts_age ON starts (started_at);

CREATE INDEX starts_provider ON starts (provider, started_at);

CREATE INDEX starts_recipe ON starts (recipe, started_at);

CREATE INDEX suppressions_age ON suppressions (suppressed_until);

CREATE INDEX suppressions_newest ON suppressions (suppressed_at, address_key);

CREATE INDEX tries_accepted ON tries (tried_at, outcome) WHERE outcome = 'accepted';

CREATE INDEX uploads_build ON uploads (build);
