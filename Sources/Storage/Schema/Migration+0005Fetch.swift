extension Migration {
    /// The timeline takes what Kiln fetches for a build.
    static let m0005Fetch = Migration(
        version: 5,
        sql: """
            CREATE TABLE timeline_5 (
                build TEXT NOT NULL REFERENCES builds (id),
                sequence INTEGER NOT NULL CHECK (sequence >= 1),
                entered_at INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('queued', 'triggering', 'running', 'collecting', 'verifying',
                    'succeeded', 'failed', 'cancelled', 'expired')),
                event TEXT NOT NULL CHECK (event IN ('accepted', 'claimed', 'triggered', 'runLocated',
                    'phaseChanged', 'runSucceeded', 'collected', 'verified', 'attemptLost', 'ended', 'cancelled',
                    'expired', 'reused', 'inputFetched', 'unfollowed', 'confirmed', 'fetching', 'fetched')),
                note TEXT,
                percent INTEGER CHECK (percent BETWEEN 0 AND 100),
                PRIMARY KEY (build, sequence)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO timeline_5 (build, sequence, entered_at, state, event, note, percent)
                SELECT build, sequence, entered_at, state, event, note, percent FROM timeline;
            DROP TABLE timeline;
            ALTER TABLE timeline_5 RENAME TO timeline;
            """)
}
