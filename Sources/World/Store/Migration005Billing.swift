// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// What accounts have used: machines and disks by the hour, storage by the byte and second, requests by the month.
    static let billing = Migration(
        number: 5, name: "billing",
        sql: """
            -- World time now, as Clock.now() has it; 'clock.line' is factor, offset, anchor.
            CREATE VIEW world_now AS
            SELECT outside + coalesce(json_extract(line, '$[1]'), 0)
                + coalesce((json_extract(line, '$[0]') - 1) * (outside - json_extract(line, '$[2]')) * (json_extract(line, '$[2]') > 0), 0)
                AS seconds
            FROM (SELECT (julianday('now') - 2440587.5) * 86400.0 AS outside,
                (SELECT value FROM setting WHERE name = 'clock.line') AS line);

            -- One row for each stretch of world time in which something ran: quantity machines or gigabytes of one kind.
            -- It stays when its resource goes. ended_at: NULL while it runs.
            CREATE TABLE usage (
                id INTEGER PRIMARY KEY,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                item TEXT NOT NULL,
                resource TEXT NOT NULL,
                name TEXT NOT NULL,
                part TEXT NOT NULL,
                detail TEXT NOT NULL,
                algorithm TEXT NOT NULL,
                quantity REAL NOT NULL,
                started_at REAL NOT NULL,
                ended_at REAL
            );
            CREATE INDEX usage_account ON usage (account, started_at);
            CREATE INDEX usage_running ON usage (resource) WHERE ended_at IS NULL;
            CREATE TRIGGER resource_ends_usage AFTER DELETE ON resource BEGIN
                UPDATE usage SET ended_at = (SELECT seconds FROM world_now) WHERE resource = old.arn AND ended_at IS NULL;
            END;

            -- By how much a bucket grew in an hour since 1970, and the bytes times seconds which that made until the hour's end. The sums
            -- give what was stored in any stretch of time, however many objects came and went.
            CREATE TABLE storage_change (
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                bucket TEXT NOT NULL,
                class TEXT NOT NULL,
                hour INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                byte_seconds REAL NOT NULL,
                PRIMARY KEY (account, bucket, class, region, hour)
            ) WITHOUT ROWID;
            \(change("object_is_stored", "AFTER INSERT ON object", [("new", "+")]))
            \(change("object_is_freed", "AFTER DELETE ON object", [("old", "-")]))
            \(change(
                "object_is_changed", "AFTER UPDATE OF size, storage_class ON object", [("old", "-"), ("new", "+")]))

            -- class: write (PUT, COPY, POST, LIST) or read. month: 2026-11.
            CREATE TABLE request_count (
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                bucket TEXT NOT NULL,
                class TEXT NOT NULL,
                month TEXT NOT NULL,
                count INTEGER NOT NULL,
                PRIMARY KEY (account, bucket, class, region, month)
            ) WITHOUT ROWID;
            """)

    /// A trigger that adds the rows' sizes to, or takes them from, what is stored.
    private static func change(_ name: String, _ event: String, _ rows: [(row: String, sign: String)]) -> String {
        let isUpdate = rows.count > 1
        let condition =
            isUpdate
            ? "old.size <> new.size OR old.storage_class <> new.storage_class" : "\(rows.first?.row ?? "new").size > 0"
        let statements = rows.map { row, sign in
            """
                INSERT INTO storage_change (account, region, bucket, class, hour, bytes, byte_seconds)
                SELECT account, region, name, \(row).storage_class, CAST(seconds / 3600 AS INTEGER), \(sign)max(\(row).size, 0),
                    \(sign)max(\(row).size, 0) * ((CAST(seconds / 3600 AS INTEGER) + 1) * 3600 - seconds)
                FROM bucket, world_now WHERE id = \(row).bucket
                ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, byte_seconds = byte_seconds + excluded.byte_seconds;
            """
        }
        return "CREATE TRIGGER \(name) \(event) WHEN \(condition) BEGIN\n\(statements.joined(separator: "\n"))\nEND;"
    }
}
