extension Migration {
    /// Builds that wait for a confirmation, languages, and an outbox that an operator can work with.
    static let m0003Mail = Migration(version: 3, sql: buildsOf0003 + outboxOf0003)

    /// `builds` and `timeline` are written anew, because SQLite cannot change a table's checks (see step 2). `lower` knows
    /// the letters of ASCII only: an old address with others in upper case is another one for the hour that limits last.
    private static let buildsOf0003 = """
        CREATE TABLE builds_3 (
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
            confirm_by INTEGER,

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
        INSERT INTO builds_3 (
                id, recipe, recipe_digest, provider, inputs, address, address_key, language, priority,
                retention_ms, source, source_until, idempotency_digest, state, attempts_used, attempt_number, attempt_key, run_provider, run_id,
                run_url, phase_label, phase_percent, failure_kind, failure_message, failure_line,
                failure_context, created_at, queued_at, turn_at, started_at, finished_at, expires_at,
                files_removed_at, next_action_at, lease_token, lease_expires_at, nudged_at, sequence, lead,
                place, target, follows, reused_from, reuse_key)
            SELECT
                id, recipe, recipe_digest, provider, inputs, address, lower(address), 'en', priority,
                retention_ms, source, created_at + 3600000, idempotency_digest, state, attempts_used, attempt_number, attempt_key, run_provider, run_id,
                run_url, phase_label, phase_percent, failure_kind, failure_message, failure_line,
                failure_context, created_at, queued_at, turn_at, started_at, finished_at, expires_at,
                files_removed_at, next_action_at, lease_token, lease_expires_at, nudged_at, sequence, lead,
                place, target, follows, reused_from, reuse_key
            FROM builds ORDER BY rowid;
        DROP TABLE builds;
        ALTER TABLE builds_3 RENAME TO builds;

        -- The queue, in its order, with all that choosing from it asks for. Neither followers nor builds that wait to be
        -- confirmed are in it. What its indexes ask of a row is in their columns too, because SQLite reads the
        -- row for it otherwise.
        CREATE INDEX builds_queue
            ON builds (provider, priority DESC, turn_at, id, recipe, next_action_at, state, follows, confirm_by)
            WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;
        CREATE INDEX builds_queue_due ON builds (next_action_at, state, follows, confirm_by)
            WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;
        CREATE INDEX builds_queue_recipe ON builds (recipe, queued_at)
            WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;
        CREATE INDEX builds_queue_address ON builds (address_key, turn_at)
            WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND address_key IS NOT NULL;
        CREATE INDEX builds_queue_source ON builds (source, turn_at)
            WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND source IS NOT NULL;
        CREATE INDEX builds_unconfirmed ON builds (confirm_by, address_key, state)
            WHERE state = 'queued' AND confirm_by IS NOT NULL;
        CREATE INDEX builds_unconfirmed_address ON builds (address_key, confirm_by, state)
            WHERE state = 'queued' AND confirm_by IS NOT NULL;
        CREATE INDEX builds_following ON builds (follows, id, state) WHERE follows IS NOT NULL;
        -- Whose result another build may have.
        CREATE INDEX builds_reuse ON builds (reuse_key, created_at)
            WHERE reuse_key IS NOT NULL AND follows IS NULL AND reused_from IS NULL AND confirm_by IS NULL;
        CREATE UNIQUE INDEX builds_group ON builds (lead, place) WHERE lead IS NOT NULL;
        CREATE INDEX builds_under_way ON builds (next_action_at, lease_expires_at, provider, recipe, state)
            WHERE state IN ('triggering', 'running', 'collecting', 'verifying');
        CREATE INDEX builds_expiring ON builds (expires_at)
            WHERE expires_at IS NOT NULL AND files_removed_at IS NULL;
        CREATE INDEX builds_succeeded ON builds (recipe, finished_at, started_at)
            WHERE state = 'succeeded' AND started_at IS NOT NULL;
        CREATE INDEX builds_ended ON builds (state, finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX builds_source ON builds (source, created_at) WHERE source IS NOT NULL;
        CREATE INDEX builds_source_age ON builds (source_until) WHERE source IS NOT NULL;
        CREATE INDEX builds_address ON builds (address_key, created_at) WHERE address_key IS NOT NULL;
        CREATE UNIQUE INDEX builds_idempotency ON builds (idempotency_digest)
            WHERE idempotency_digest IS NOT NULL;

        CREATE TABLE timeline_3 (
            build TEXT NOT NULL REFERENCES builds (id),
            sequence INTEGER NOT NULL CHECK (sequence >= 1),
            entered_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'triggering', 'running', 'collecting', 'verifying',
                'succeeded', 'failed', 'cancelled', 'expired')),
            event TEXT NOT NULL CHECK (event IN ('accepted', 'claimed', 'triggered', 'runLocated',
                'phaseChanged', 'runSucceeded', 'collected', 'verified', 'attemptLost', 'ended', 'cancelled',
                'expired', 'reused', 'inputFetched', 'unfollowed', 'confirmed')),
            note TEXT,
            percent INTEGER CHECK (percent BETWEEN 0 AND 100),
            PRIMARY KEY (build, sequence)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO timeline_3 (build, sequence, entered_at, state, event, note, percent)
            SELECT build, sequence, entered_at, state, event, note, percent FROM timeline;
        DROP TABLE timeline;
        ALTER TABLE timeline_3 RENAME TO timeline;
        """
}
