// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Accounts, keys, settings, the generic resource records with their tags, and host processes.
    static let core = Migration(
        number: 1, name: "core",
        sql: """
            CREATE TABLE setting (
                name TEXT PRIMARY KEY,
                value TEXT NOT NULL
            ) WITHOUT ROWID;

            CREATE TABLE account (
                id TEXT PRIMARY KEY,
                alias TEXT,
                created_at REAL NOT NULL
            ) WITHOUT ROWID;

            -- principal_kind: user, role (then session_name is set), federated, root
            CREATE TABLE access_key (
                id TEXT PRIMARY KEY,
                secret TEXT NOT NULL,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                principal_kind TEXT NOT NULL,
                principal_name TEXT NOT NULL,
                status TEXT NOT NULL DEFAULT 'Active',
                created_at REAL NOT NULL,
                session_token TEXT,
                session_name TEXT,
                session_policies TEXT,
                expires_at REAL,
                last_used_at REAL,
                last_used_service TEXT,
                last_used_region TEXT
            ) WITHOUT ROWID;
            CREATE INDEX access_key_principal ON access_key (account, principal_kind, principal_name);

            -- Whatever has a name in an account and region; region is '' for global services.
            -- due_at: world time at which a state that only waits for time to pass moves on.
            CREATE TABLE resource (
                kind TEXT NOT NULL,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                name TEXT NOT NULL,
                arn TEXT NOT NULL,
                status TEXT NOT NULL,
                created_at REAL NOT NULL,
                modified_at REAL NOT NULL,
                due_at REAL,
                document TEXT NOT NULL,
                PRIMARY KEY (kind, account, region, name)
            ) WITHOUT ROWID;
            CREATE UNIQUE INDEX resource_arn ON resource (arn, kind);
            CREATE INDEX resource_created ON resource (kind, account, region, created_at);
            CREATE INDEX resource_due ON resource (due_at) WHERE due_at IS NOT NULL;

            CREATE TABLE tag (
                arn TEXT NOT NULL,
                key TEXT NOT NULL,
                value TEXT NOT NULL,
                position INTEGER NOT NULL,
                PRIMARY KEY (arn, key)
            ) WITHOUT ROWID;

            -- One row for each process that is an instance. The lease file is locked while the process lives.
            CREATE TABLE host_process (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                owner_arn TEXT NOT NULL,
                name TEXT NOT NULL,
                pid INTEGER NOT NULL,
                folder TEXT NOT NULL,
                address TEXT,
                state TEXT NOT NULL DEFAULT 'starting',
                failure TEXT,
                started_at REAL NOT NULL,
                last_used_at REAL NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX host_process_owner ON host_process (owner_arn);
            """)
}
