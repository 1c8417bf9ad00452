// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Layers of container images, and their uploads.
    static let containerLayers = Migration(
        number: 4, name: "container layers",
        sql: """
            -- A layer belongs to one repository. Its bytes are in a file (body_id) or in the row.
            CREATE TABLE image_layer (
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                repository TEXT NOT NULL,
                digest TEXT NOT NULL,
                size INTEGER NOT NULL,
                body_id TEXT,
                bytes BLOB,
                PRIMARY KEY (account, region, repository, digest)
            );

            CREATE TABLE layer_upload (
                id TEXT PRIMARY KEY,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                repository TEXT NOT NULL,
                started_at REAL NOT NULL
            ) WITHOUT ROWID;

            CREATE TABLE layer_upload_part (
                upload TEXT NOT NULL REFERENCES layer_upload(id) ON DELETE CASCADE,
                first_byte INTEGER NOT NULL,
                size INTEGER NOT NULL,
                body_id TEXT,
                bytes BLOB,
                PRIMARY KEY (upload, first_byte)
            );

            CREATE TRIGGER image_layer_frees_body AFTER DELETE ON image_layer WHEN old.body_id IS NOT NULL BEGIN
                INSERT OR REPLACE INTO freed_body (id, freed_at) VALUES (old.body_id, strftime('%s', 'now'));
            END;
            CREATE TRIGGER layer_part_frees_body AFTER DELETE ON layer_upload_part WHEN old.body_id IS NOT NULL BEGIN
                INSERT OR REPLACE INTO freed_body (id, freed_at) VALUES (old.body_id, strftime('%s', 'now'));
            END;
            """)
}
