extension Migration {
    /// Builds that are to be gathered for, and the event that ends it.
    static let m0006Gathered = Migration(
        version: 6,
        sql: """
            ALTER TABLE builds ADD COLUMN to_gather INTEGER NOT NULL DEFAULT 0 CHECK (to_gather IN (0, 1));

            DROP INDEX builds_queue;
            CREATE INDEX builds_queue
                ON builds (provider, priority DESC, turn_at, id, recipe, next_action_at, state, follows, confirm_by,
                    to_gather)
                WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL;
            DROP INDEX builds_under_way;
            CREATE INDEX builds_under_way
                ON builds (next_action_at, lease_expires_at, provider, recipe, state, to_gather)
                WHERE state IN ('triggering', 'running', 'collecting', 'verifying');
            CREATE INDEX builds_to_gather ON builds (priority DESC, turn_at, id, next_action_at)
                WHERE state = 'queued' AND follows IS NULL AND confirm_by IS NULL AND to_gather = 1;
            CREATE INDEX builds_gathering ON builds (source, state, to_gather)
                WHERE state = 'triggering' AND to_gather = 1;

            CREATE TABLE timeline_6 (
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
            INSERT INTO timeline_6 (build, sequence, entered_at, state, event, note, percent)
                SELECT build, sequence, entered_at, state, event, note, percent FROM timeline;
            DROP TABLE timeline;
            ALTER TABLE timeline_6 RENAME TO timeline;
            """)
}
