CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    started INTEGER NOT NULL,
    resumed INTEGER,
    stopped INTEGER,
    mode TEXT NOT NULL,
    configuration_hash TEXT NOT NULL,
    code_version TEXT NOT NULL
) STRICT;

CREATE TABLE orders (
    seq INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    run_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT,
    type TEXT,
    quantity TEXT,
    price TEXT,
    trigger TEXT,
    reduce_only INTEGER NOT NULL DEFAULT 0,
    tag TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    venue_id TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    filled TEXT NOT NULL DEFAULT '0',
    cost TEXT NOT NULL DEFAULT '0'
) STRICT;

CREATE TABLE fills (
    symbol TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    side TEXT NOT NULL,
    price TEXT NOT NULL,
    quantity TEXT NOT NULL,
    fee TEXT NOT NULL,
    fee_currency TEXT NOT NULL,
    liquidity TEXT NOT NULL,
    realized TEXT NOT NULL,
    PRIMARY KEY (symbol, trade_id)
) STRICT;

CREATE INDEX fills_by_time ON fills (ts, seq);
CREATE INDEX fills_by_order ON fills (order_id);

CREATE TABLE positions (
    symbol TEXT PRIMARY KEY,
    quantity TEXT NOT NULL,
    entry_price TEXT NOT NULL,
    realized TEXT NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE equity (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    cash TEXT NOT NULL,
    equity TEXT NOT NULL
) STRICT;

CREATE TABLE signals (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    action TEXT NOT NULL,
    order_id TEXT NOT NULL,
    entry TEXT,
    stop_loss TEXT,
    take_profit TEXT,
    confidence TEXT NOT NULL,
    tag TEXT NOT NULL
) STRICT;

CREATE TABLE verdicts (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE cash_flows (
    flow_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    symbol TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    operator TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
