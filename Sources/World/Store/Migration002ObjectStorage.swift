// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Buckets, objects and multipart uploads.
    static let objectStorage = Migration(
        number: 2, name: "object storage",
        sql: """
            -- A bucket's name is unique over all accounts and regions. What most requests look at has a column of its own.
            -- versioning: NULL, Enabled or Suspended. public_access_block: the sum of 1, 2, 4, 8; see PublicAccessBlock.
            CREATE TABLE bucket (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL UNIQUE,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                created_at REAL NOT NULL,
                versioning TEXT,
                policy TEXT,
                ownership TEXT,
                public_access_block INTEGER,
                encryption TEXT
            );
            CREATE INDEX bucket_account ON bucket (account, name);

            CREATE TABLE bucket_configuration (
                bucket INTEGER NOT NULL REFERENCES bucket(id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (bucket, kind)
            ) WITHOUT ROWID;

            -- One row a version; of a key's versions, the one with the greatest id is the newest. Text compares by its UTF-8 bytes,
            -- which is the order that lists have. The body is in a file (body_id), in the row (bytes), or made on first use (source).
            CREATE TABLE object (
                id INTEGER PRIMARY KEY,
                bucket INTEGER NOT NULL REFERENCES bucket(id) ON DELETE CASCADE,
                key TEXT NOT NULL,
                version_id TEXT NOT NULL,
                is_latest INTEGER NOT NULL,
                is_delete_marker INTEGER NOT NULL,
                size INTEGER NOT NULL,
                etag TEXT NOT NULL,
                modified_at REAL NOT NULL,
                storage_class TEXT NOT NULL,
                owner TEXT NOT NULL,
                checksum_algorithm TEXT,
                checksum_type TEXT,
                body_id TEXT,
                source TEXT,
                details TEXT NOT NULL,
                bytes BLOB
            );
            CREATE UNIQUE INDEX object_version ON object (bucket, key, id DESC);
            CREATE UNIQUE INDEX object_current ON object (bucket, key) WHERE is_latest AND NOT is_delete_marker;

            CREATE TABLE multipart_upload (
                sequence INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                bucket INTEGER NOT NULL REFERENCES bucket(id) ON DELETE CASCADE,
                key TEXT NOT NULL,
                initiated_at REAL NOT NULL,
                owner TEXT NOT NULL,
                initiator TEXT NOT NULL,
                storage_class TEXT NOT NULL,
                checksum_algorithm TEXT,
                checksum_type TEXT,
                details TEXT NOT NULL
            );
            CREATE INDEX multipart_upload_key ON multipart_upload (bucket, key, sequence);

            CREATE TABLE upload_part (
                upload INTEGER NOT NULL REFERENCES multipart_upload(sequence) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                size INTEGER NOT NULL,
                etag TEXT NOT NULL,
                modified_at REAL NOT NULL,
                checksums TEXT NOT NULL,
                body_id TEXT,
                bytes BLOB,
                PRIMARY KEY (upload, number)
            );

            -- Bodies that nothing names any more. The files go a little later, so that whoever is about to read one still can.
            -- freed_at is time outside.
            CREATE TABLE freed_body (
                id TEXT PRIMARY KEY,
                freed_at REAL NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX freed_body_time ON freed_body (freed_at);
            CREATE TRIGGER object_frees_body AFTER DELETE ON object WHEN old.body_id IS NOT NULL BEGIN
                INSERT OR REPLACE INTO freed_body (id, freed_at) VALUES (old.body_id, strftime('%s', 'now'));
            END;
            CREATE TRIGGER part_frees_body AFTER DELETE ON upload_part WHEN old.body_id IS NOT NULL BEGIN
                INSERT OR REPLACE INTO freed_body (id, freed_at) VALUES (old.body_id, strftime('%s', 'now'));
            END;
            """)
}
