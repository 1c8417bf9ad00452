// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// What the view world_now reads of the clock, for worlds whose clock was set before there was that view.
    static let clockLine = Migration(
        number: 6, name: "clock line",
        sql: """
            INSERT OR IGNORE INTO setting (name, value)
            SELECT 'clock.line', '[' || CASE WHEN mode IN ('instant', 'realtime') THEN '1.0' ELSE substr(mode, 2) END
                || ', ' || replace(numbers, ' ', ', ') || ']'
            FROM (SELECT substr(value, 1, instr(value, ' ') - 1) AS mode, substr(value, instr(value, ' ') + 1) AS numbers
                FROM setting WHERE name = 'clock');
            """)
}
