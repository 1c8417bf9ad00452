// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Log groups, streams and events; metric data; how often endpoints were asked.
    static let observability = Migration(
        number: 3, name: "observability",
        sql: """
            CREATE TABLE log_group (
                id INTEGER PRIMARY KEY,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                name TEXT NOT NULL,
                created_at REAL NOT NULL,
                retention_days INTEGER,
                UNIQUE (account, region, name)
            );

            -- Times of events are milliseconds since 1970, as the service keeps them.
            CREATE TABLE log_stream (
                id INTEGER PRIMARY KEY,
                log_group INTEGER NOT NULL REFERENCES log_group(id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                created_at REAL NOT NULL,
                first_event INTEGER,
                last_event INTEGER,
                last_ingestion INTEGER,
                stored_bytes INTEGER NOT NULL DEFAULT 0,
                UNIQUE (log_group, name)
            );

            CREATE TABLE log_event (
                id INTEGER PRIMARY KEY,
                log_stream INTEGER NOT NULL REFERENCES log_stream(id) ON DELETE CASCADE,
                timestamp INTEGER NOT NULL,
                ingestion INTEGER NOT NULL,
                message TEXT NOT NULL
            );
            CREATE INDEX log_event_time ON log_event (log_stream, timestamp, id);

            -- dimensions: a JSON list of [name, value], by name.
            CREATE TABLE metric (
                id INTEGER PRIMARY KEY,
                account TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                region TEXT NOT NULL,
                namespace TEXT NOT NULL,
                name TEXT NOT NULL,
                dimensions TEXT NOT NULL,
                UNIQUE (account, region, namespace, name, dimensions)
            );

            -- A sample, or the statistics of several.
            CREATE TABLE metric_datum (
                metric INTEGER NOT NULL REFERENCES metric(id) ON DELETE CASCADE,
                timestamp REAL NOT NULL,
                unit TEXT NOT NULL,
                count REAL NOT NULL,
                sum REAL NOT NULL,
                minimum REAL NOT NULL,
                maximum REAL NOT NULL
            );
            CREATE INDEX metric_datum_time ON metric_datum (metric, timestamp);

            -- How often an endpoint has been asked: what shares requests out among variants and machines goes by.
            CREATE TABLE invocation_count (
                arn TEXT PRIMARY KEY,
                count INTEGER NOT NULL
            ) WITHOUT ROWID;
            """)
}
