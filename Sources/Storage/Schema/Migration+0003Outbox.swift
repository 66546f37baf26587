extension Migration {
    /// `outbox` is written anew for its checks; what else mail needs is new.
    static let outboxOf0003 = """

        CREATE TABLE outbox_3 (
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
        INSERT INTO outbox_3 (
                id, build, cause, kind, address, address_key, domain, language, status, attempts, last_error,
                created_at, patience_since, settled_at, next_try_at, lease_token, lease_expires_at)
            SELECT
                id, build, cause, kind, address, lower(address), lower(substr(address, instr(address, '@') + 1)),
                'en', status, attempts, last_error, created_at, created_at, settled_at, next_try_at, lease_token,
                lease_expires_at
            FROM outbox ORDER BY rowid;
        DROP TABLE outbox;
        ALTER TABLE outbox_3 RENAME TO outbox;

        CREATE INDEX outbox_due ON outbox (domain, due_at, id) WHERE status = 'waiting';
        CREATE INDEX outbox_waiting ON outbox (created_at, status) WHERE status = 'waiting';
        CREATE INDEX outbox_under_way ON outbox (domain, lease_expires_at) WHERE lease_token IS NOT NULL;
        CREATE INDEX outbox_status ON outbox (status, id);
        CREATE INDEX outbox_address ON outbox (address_key, id);
        CREATE INDEX outbox_confirmations ON outbox (address_key, created_at) WHERE cause = 'confirmation';

        -- The domains that mails wait for, each with the time at which its first one is due: whoever looks for mail that
        -- is due steps over a domain that is held back, however much waits for it. Kept by the triggers alone.
        CREATE TABLE mail_domains (
            domain TEXT NOT NULL PRIMARY KEY,
            due_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mail_domains_due ON mail_domains (due_at, domain);
        INSERT INTO mail_domains (domain, due_at)
            SELECT domain, min(due_at) FROM outbox WHERE status = 'waiting' GROUP BY domain;
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

        -- How tries ended.
        CREATE TABLE tries (
            entry TEXT NOT NULL REFERENCES outbox (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            tried_at INTEGER NOT NULL,
            transport TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'notNow', 'unknown')),
            words TEXT,
            PRIMARY KEY (entry, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tries_accepted ON tries (tried_at, outcome) WHERE outcome = 'accepted';

        -- Tries begun within the last minute, for the pace.
        CREATE TABLE mail_starts (
            entry TEXT NOT NULL,
            number INTEGER NOT NULL,
            domain TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            PRIMARY KEY (entry, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mail_starts_domain ON mail_starts (domain, started_at);
        CREATE INDEX mail_starts_age ON mail_starts (started_at);

        CREATE TABLE confirmed_addresses (
            address_key TEXT NOT NULL PRIMARY KEY,
            confirmed_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX confirmed_addresses_age ON confirmed_addresses (confirmed_until);

        -- Sources from which an address wants nothing: SHA-256 of both, and nothing that says who they are.
        CREATE TABLE blocks (
            digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
            blocked_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blocks_age ON blocks (blocked_until);

        CREATE TABLE suppressions (
            address_key TEXT NOT NULL PRIMARY KEY,
            address TEXT NOT NULL,
            reason TEXT NOT NULL CHECK (reason IN ('bounced', 'asked')),
            words TEXT,
            suppressed_at INTEGER NOT NULL,
            suppressed_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX suppressions_newest ON suppressions (suppressed_at, address_key);
        CREATE INDEX suppressions_age ON suppressions (suppressed_until);
        """
}
