extension Migration {
    /// Numbers for builds, and the keys that their products are signed with.
    static let m0004Keys = Migration(
        version: 4,
        sql: """
            -- The default is for the rows that are there; the index lets no two builds keep it.
            ALTER TABLE builds ADD COLUMN number INTEGER NOT NULL DEFAULT 0 CHECK (number >= 0);
            UPDATE builds SET number = counted.number
                FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS number FROM builds) AS counted
                WHERE counted.id = builds.id;
            CREATE UNIQUE INDEX builds_number ON builds (number);

            -- Numbers that were given out last.
            CREATE TABLE counters (
                name TEXT NOT NULL PRIMARY KEY CHECK (name = 'builds'),
                value INTEGER NOT NULL CHECK (value >= 0)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO counters (name, value) SELECT 'builds', count(*) FROM builds;

            -- A key belongs to one package of one recipe. What signs is in `sealed` alone, which the database cannot open.
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
            """)
}
