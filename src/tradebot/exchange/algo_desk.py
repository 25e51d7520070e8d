"""Taking and cancelling conditional orders."""

from __future__ import annotations

from decimal import Decimal

from tradebot.exchange.desk import CONDITIONAL, SIDES, check_one_way, check_open, new_client_id
from tradebot.exchange.executions import Executions
from tradebot.exchange.filters import MOST_CONDITIONAL, TIMES_IN_FORCE, check_algo
from tradebot.exchange.intents import algo_intent
from tradebot.exchange.orders import Algo
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.state import State

_CLOSING = ("STOP_MARKET", "TAKE_PROFIT_MARKET")
_LIMITED = ("STOP", "TAKE_PROFIT")
_CALLBACK = (Decimal("0.1"), Decimal(10))


class AlgoDesk:
    """The algo endpoints' work."""

    def __init__(self, state: State, executions: Executions) -> None:
        self._state = state
        self._executions = executions

    def prepare(self, params: Params) -> Algo:
        """Read and check a conditional order; nothing has happened yet.

        Raises
        ------
        Refusal : it is malformed, breaks a filter, or would trigger at once.
        """
        state = self._state
        params.word("algoType", ("CONDITIONAL",), -1130)
        symbol = params.text("symbol")
        instrument = state.instrument(symbol)
        check_one_way(params)
        kind = params.word("type", CONDITIONAL, -1116)
        closes, trails = params.boolean("closePosition"), kind == "TRAILING_STOP_MARKET"
        algo = Algo(
            algo_id=0,
            client_id=params.client_id("clientAlgoId", new_client_id()),
            symbol=symbol,
            side=params.word("side", SIDES, -1117),
            kind=kind,
            tif="GTE_GTC" if closes else params.word("timeInForce", TIMES_IN_FORCE, -1115, "GTC"),
            quantity=params.decimal("quantity", needed=not closes),
            price=params.decimal("price", needed=kind in _LIMITED),
            trigger=params.decimal("triggerPrice", needed=not trails),
            activate_price=params.decimal("activatePrice"),
            callback_rate=params.decimal("callbackRate", needed=trails),
            reduce_only=params.boolean("reduceOnly") or closes,
            close_position=closes,
            working_type=params.word("workingType", ("CONTRACT_PRICE", "MARK_PRICE"), -1130, "CONTRACT_PRICE"),
            price_protect=params.boolean("priceProtect"),
            self_trade=params.text("selfTradePreventionMode", "EXPIRE_MAKER"),
            good_till=params.moment("goodTillDate"),
            time=state.now,
        )
        if algo.tif == "GTD" and not algo.good_till:
            raise Refusal(-1102, name="goodTillDate")
        if closes:
            self._check_closing(algo, params)
        if trails and not _CALLBACK[0] <= algo.callback_rate <= _CALLBACK[1]:
            raise Refusal(-2007)
        check_open(state, symbol, algo.reduce_only)
        if state.algos.is_taken(algo.client_id):
            raise Refusal(-4116)
        check_algo(algo, instrument)
        if len(state.algos.open()) >= MOST_CONDITIONAL:
            raise Refusal(-4045)
        return algo

    def place(self, algo: Algo) -> Algo:
        """Hand a checked conditional order to the algo service.

        Raises
        ------
        Refusal : it would trigger at once, or there is nothing it could reduce.
        """
        state = self._state
        if state.algos.is_taken(algo.client_id):
            raise Refusal(-4116)
        self._check_ahead(algo)
        algo.time = algo.update_time = state.now
        state.submit(algo, algo_intent(algo, state.instruments[algo.symbol]))
        algo.algo_id = state.algos.next_id()
        state.algos.put(algo.algo_id, algo)
        self._executions.settle()
        return algo

    def find(self, params: Params) -> Algo:
        """The conditional order a request names.

        Raises
        ------
        Refusal : there is none.
        """
        if "algoId" not in params and "clientAlgoId" not in params:
            raise Refusal(-1102, name="algoId")
        found = self._state.algos.find(params.integer("algoId"), params.text("clientAlgoId", ""))
        if found is None:
            raise Refusal(-2013)
        return found

    def cancel(self, params: Params) -> Algo:
        """Cancel the conditional order a request names.

        Raises
        ------
        Refusal : none that waits for its trigger is meant.
        """
        try:
            algo = self.find(params)
        except Refusal as refusal:
            raise Refusal(-2011) if refusal.code == -2013 else refusal from None
        if not algo.is_open:
            raise Refusal(-2011)
        self._take_back(algo)
        return algo

    def cancel_all(self, symbol: str) -> list[Algo]:
        """Cancel every conditional order of a symbol."""
        self._state.instrument(symbol)
        algos = self._state.algos.open(symbol)
        for algo in algos:
            self._take_back(algo)
        return algos

    def _take_back(self, algo: Algo) -> None:
        if algo.native is not None:
            self._state.sim.cancel(algo.native)
            self._executions.settle()
        else:
            self._executions.cancel_dormant(algo)

    def _check_closing(self, algo: Algo, params: Params) -> None:
        if algo.kind not in _CLOSING:
            raise Refusal(-4136, kind=algo.kind)
        if algo.quantity:
            raise Refusal(-4137)
        if "reduceOnly" in params:
            raise Refusal(-1106, name="reduceOnly")
        if self._state.account.positions[algo.symbol].quantity * algo.sign >= 0:
            raise Refusal(-4509)

    def _check_ahead(self, algo: Algo) -> None:
        """The trigger must lie ahead: beyond the price for a stop, on the way to profit for the others."""
        mark = self._state.mark(algo.symbol)
        trails = algo.kind == "TRAILING_STOP_MARKET"
        level = algo.activate_price if trails else algo.trigger
        if not mark or not level:
            return
        rises = (algo.side == "BUY") == algo.kind.startswith("STOP")
        if (mark >= level) if rises else (mark <= level):
            raise Refusal(-2021)
