ALTER TABLE orders ADD COLUMN told INTEGER NOT NULL DEFAULT 0;

CREATE TABLE markets (
    symbol TEXT PRIMARY KEY,
    tick TEXT NOT NULL
) STRICT;

CREATE TABLE exits (
    entry_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    level TEXT,
    distance TEXT,
    PRIMARY KEY (entry_id, tag)
) STRICT;

CREATE INDEX verdicts_by_time ON verdicts (ts);

CREATE INDEX equity_by_time ON equity (run_id, ts);
