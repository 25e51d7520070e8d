//! The words of orders, and their state machine: one table.

use crate::words::words;

words!(
    /// Which way an order trades.
    Side { Buy = "buy", Sell = "sell" }
);

impl Side {
    /// +1 for a buy, -1 for a sell.
    #[inline]
    pub const fn sign(self) -> f64 {
        match self {
            Side::Buy => 1.0,
            Side::Sell => -1.0,
        }
    }

    /// The other side.
    #[inline]
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

words!(
    /// What makes an order executable, and at which price.
    OrderType {
        Market = "market",
        Limit = "limit",
        Stop = "stop",
        StopLimit = "stop_limit",
        TakeProfit = "take_profit",
        TrailingStop = "trailing_stop",
    }
);

words!(
    /// How long an order stays in force.
    TimeInForce { Gtc = "gtc", Ioc = "ioc", Fok = "fok", Day = "day", Gtd = "gtd" }
);

words!(
    /// Where an order stands. `unknown`: sent and no answer yet; it is asked about, never resent.
    OrderState {
        Initialized = "initialized",
        Denied = "denied",
        Submitted = "submitted",
        Rejected = "rejected",
        Accepted = "accepted",
        Triggered = "triggered",
        PartiallyFilled = "partially_filled",
        Filled = "filled",
        Canceled = "canceled",
        Expired = "expired",
        PendingCancel = "pending_cancel",
        PendingReplace = "pending_replace",
        Unknown = "unknown",
    }
);

impl OrderState {
    /// The states an order may go to from this one: the one table of the state machine.
    ///
    /// A fill that arrives after `canceled` or `expired` is real and is booked (the exchange is right), hence
    /// those two may still become `filled` or `partially_filled`.
    pub const fn next(self) -> &'static [OrderState] {
        use OrderState::{
            Accepted, Canceled, Denied, Expired, Filled, Initialized, PartiallyFilled, PendingCancel, PendingReplace,
            Rejected, Submitted, Triggered, Unknown,
        };
        match self {
            Initialized => &[Denied, Submitted, Canceled, Accepted],
            Submitted => &[Rejected, Accepted, PartiallyFilled, Filled, Canceled, Expired, Unknown],
            Unknown => &[Rejected, Accepted, Triggered, PartiallyFilled, Filled, Canceled, Expired],
            Accepted => &[
                Triggered,
                PartiallyFilled,
                Filled,
                Canceled,
                Expired,
                Rejected,
                PendingCancel,
                PendingReplace,
                Unknown,
            ],
            Triggered => {
                &[PartiallyFilled, Filled, Canceled, Expired, Rejected, PendingCancel, PendingReplace, Unknown]
            }
            PartiallyFilled => {
                &[PartiallyFilled, Filled, Canceled, Expired, PendingCancel, PendingReplace, Triggered, Unknown]
            }
            PendingCancel => &[Canceled, Filled, PartiallyFilled, Expired, Accepted, Unknown],
            PendingReplace => &[Accepted, Canceled, Filled, PartiallyFilled, Expired, Rejected, Unknown],
            Canceled | Expired => &[PartiallyFilled, Filled],
            Denied | Rejected | Filled => &[],
        }
    }

    /// Whether a broker may bring an order from this state to another, steps it did not report included.
    pub fn reports(self, to: OrderState) -> bool {
        let reported = |state: &&OrderState| {
            !matches!(state, OrderState::PendingCancel | OrderState::PendingReplace | OrderState::Unknown)
        };
        let mut seen = vec![self];
        let mut next = 0;
        while next < seen.len() {
            for &state in seen[next].next().iter().filter(|state| **state == to || reported(state)) {
                if state == to {
                    return true;
                }
                if !seen.contains(&state) && !state.is_final() {
                    seen.push(state);
                }
            }
            next += 1;
        }
        false
    }

    /// True when nothing is expected to follow.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            OrderState::Denied | OrderState::Rejected | OrderState::Filled | OrderState::Canceled | OrderState::Expired
        )
    }
}

words!(
    /// Why an order was denied, rejected, canceled or expired.
    Reason {
        None = "",
        Lot = "lot",
        Tick = "tick",
        MinQuantity = "min_quantity",
        MaxQuantity = "max_quantity",
        MinNotional = "min_notional",
        Price = "price",
        InsufficientMargin = "insufficient_margin",
        InsufficientPosition = "insufficient_position",
        NotShortable = "not_shortable",
        ReduceOnly = "reduce_only",
        PostOnlyWouldCross = "post_only_would_cross",
        MarketClosed = "market_closed",
        FillOrKill = "fill_or_kill",
        ImmediateOrCancel = "immediate_or_cancel",
        TimeInForce = "time_in_force",
        OneCancelsOther = "one_cancels_other",
        PositionClosed = "position_closed",
        ParentDone = "parent_done",
        Requested = "requested",
        Replaced = "replaced_by_new_signal",
        Liquidation = "liquidation",
        Halted = "halted",
        MaxOrderQuantity = "max_order_quantity",
        MaxOrderNotional = "max_order_notional",
        MaxExposure = "max_exposure",
        MaxPositions = "max_positions",
        MaxDailyLoss = "max_daily_loss",
        MaxDailyTrades = "max_daily_trades",
        MaxDrawdown = "max_drawdown",
        SizeTooSmall = "size_too_small",
        InvalidSignal = "invalid_signal",
        UnknownOrder = "unknown_order",
        Paused = "paused",
        NotReconciled = "not_reconciled",
        UnresolvedOrder = "unresolved_order",
        StaleData = "stale_data",
        PriceCollar = "price_collar",
        OrderRate = "order_rate",
        RepeatedOrders = "repeated_orders",
        DuplicateOrder = "duplicate_order",
        SymbolNotAllowed = "symbol_not_allowed",
        LiquidationDistance = "liquidation_distance",
        Quarantined = "quarantined",
        RiskRule = "risk_rule",
        StopTooSmall = "stop_too_small",
    }
);
