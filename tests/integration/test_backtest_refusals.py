"""`tradebot backtest` on bad input: every slip is told in one sentence."""

from pathlib import Path

import polars as pl
import pytest

from backtest_command import RAISES_LATER, backtest, bars_table, document, refusal


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No strategy of the person who runs the tests may take part, and nothing may reach their folders."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return bars_table()


@pytest.fixture
def csv(tmp_path: Path, table: pl.DataFrame) -> Path:
    """The bars as CSV."""
    file = tmp_path / "BTCUSDT-1m.csv"
    table.write_csv(file)
    return file


def spoiled(csv: Path, row: int, column: int, value: str) -> Path:
    """The file with one cell changed; rows count from 1 below the header."""
    lines = csv.read_text().splitlines()
    cells = lines[row].split(",")
    cells[column] = value
    lines[row] = ",".join(cells)
    csv.write_text("\n".join(lines) + "\n")
    return csv


def test_missing_columns_are_named(csv: Path, table: pl.DataFrame):
    table.drop("close", "volume").write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "close" in sentence
    assert "volume" in sentence


def test_text_in_a_price_is_named_with_its_row(csv: Path):
    sentence = refusal("sma_cross", "--data", spoiled(csv, 1_200, 4, "n.a."))
    assert str(csv) in sentence
    assert "n.a." in sentence
    assert "1,200" in sentence or "1200" in sentence


def test_a_price_that_is_not_a_number_is_named_with_its_row(csv: Path):
    sentence = refusal("sma_cross", "--data", spoiled(csv, 17, 2, "NaN"))
    assert str(csv) in sentence
    assert "row 17" in sentence


def test_reversed_times_are_named(csv: Path, table: pl.DataFrame):
    table.reverse().write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "row 2" in sentence


def test_repeated_times_are_named(csv: Path, table: pl.DataFrame):
    pl.concat([table.head(50), table.slice(49)]).write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "row 51" in sentence


def test_an_absent_file_offers_the_nearest(csv: Path):
    assert 'Did you mean "BTCUSDT-1m.csv"?' in refusal("sma_cross", "--data", "BTCUSDT-1n.csv")


def test_no_data_says_what_to_give():
    assert refusal("sma_cross") == (
        "--data: no data is given. "
        "Give a file of bars, `--data store:MARKET`, or `--data mock` for the built-in market."
    )


def test_a_strategy_file_that_does_not_import_is_named_with_its_line(tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text("import json\nimport no_such_package\n")
    assert refusal("mine.py", "--data", "mock") == (
        "mine.py:2: ModuleNotFoundError: No module named 'no_such_package'. "
        'Install the package that provides "no_such_package", or correct the import.'
    )


def test_a_strategy_with_a_syntax_error_is_named_with_its_line(tmp_path: Path):
    (tmp_path / "mine.py").write_text("from tradebot import Strategy\n\nclass Broken(Strategy)\n    pass\n")
    assert refusal("mine.py", "--data", "mock") == "mine.py:3: SyntaxError: expected ':'. Correct the file."


def test_parameters_out_of_bounds_are_named_with_their_bounds():
    assert refusal("sma_cross", "--data", "mock", "-p", "fast=1") == (
        "sma_cross.fast: 1 is below the minimum 2. Give a value in 2..200 (the default is 10)."
    )
    assert refusal("sma_cross", "--data", "mock", "-p", "fast=50") == (
        "sma_cross.slow: 30 does not exceed fast, which is 50. Give a larger slow."
    )
    assert refusal("sma_cross", "--data", "mock", "-p", "fst=5").endswith('Did you mean "fast"?')


def test_an_unknown_strategy_offers_the_nearest():
    assert refusal("by_and_hold", "--data", "mock").endswith('Did you mean "buy_and_hold"?')


def test_a_quantity_the_instrument_cannot_hold_is_refused_before_the_run(csv: Path):
    assert refusal("sma_cross", "--data", csv, "--sizer", "fixed:0.0001") == (
        "--sizer fixed: 0.0001 is below the least order of BTCUSDT, 0.001. Give 0.001 or more."
    )
    assert refusal("sma_cross", "--data", csv, "--sizer", "fixed:0").startswith("fixed.quantity: 0 is not above 0.")


def test_orders_that_break_the_instruments_rules_end_in_their_reason(csv: Path):
    # One lot of a market near 100 is worth 0.10, far below the least notional of 100.
    sentence = refusal("sma_cross", "--data", csv, "--sizer", "fixed:0.001")
    assert sentence.startswith("sma_cross on BTCUSDT: not one order was filled; rejected were min_notional ")
    assert "Raise --cash or the size by --sizer: BTCUSDT trades 0.001 and 100 USDT at least." in sentence


def test_some_rejected_orders_are_shown_with_their_reason(tmp_path: Path):
    file = tmp_path / "mixed.py"
    file.write_text(
        "from tradebot import Strategy\n"
        "class Mixed(Strategy):\n"
        "    def setup(self, bars):\n"
        "        self.count = 0\n"
        "    def on_bar(self, bar):\n"
        "        self.count += 1\n"
        "        if self.position:\n"
        "            return self.exit()\n"
        "        return self.long(quantity=0.001 if self.count % 2 else 10)\n"
    )
    result = backtest(file, "--data", "mock", "--bars", 100)
    assert result.exit_code == 0, result.stderr
    assert "min_notional" in result.stdout or "min notional" in result.stdout
    assert document(file, "--data", "mock", "--bars", 100)["rejections"]["min_notional"] > 0


def test_a_strategy_that_raises_in_the_middle_is_named_with_line_and_bar(tmp_path: Path):
    (tmp_path / "fragile.py").write_text(RAISES_LATER)
    assert refusal("fragile.py", "--data", "mock") == (
        "fragile (fragile.py:10) at 2024-01-01T01:40:00Z: AttributeError: 'Fragile' object has no attribute 'missing'"
    )


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        ("return True", "returned bool; a decision is self.long(...)"),
        ("return self.long(stop_loss=bar.close * 2, entry=bar.close)", "stop_loss"),
        ("return self.exit(2)", "fraction: 2 is not above 0 and at most 1"),
    ],
)
def test_a_decision_that_is_none_is_named_with_its_bar(tmp_path: Path, body: str, fact: str):
    (tmp_path / "odd.py").write_text(
        f"from tradebot import Strategy\nclass Odd(Strategy):\n    def on_bar(self, bar):\n        {body}\n"
    )
    sentence = refusal("odd.py", "--data", "mock")
    assert sentence.startswith("odd")
    assert "at 2024-01-01T00:01:00Z" in sentence
    assert fact in sentence


def test_a_strategy_that_raises_in_setup_says_so(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Strategy, ta\nclass Odd(Strategy):\n    def setup(self, bars):\n"
        "        self.ma = ta.sma(bars.close, 0)\n    def on_bar(self, bar):\n        pass\n"
    )
    sentence = refusal("odd.py", "--data", "mock")
    assert sentence.startswith("odd (odd.py:4) in setup: ")


def test_rules_that_cannot_be_say_where(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Rules, Strategy\nclass Odd(Strategy):\n    def rules(self, bars):\n"
        "        return Rules(exit_long=bars.close > 1)\n"
    )
    assert refusal("odd.py", "--data", "mock") == (
        "odd (odd.py:4) in setup: rules: no entry is given. Give enter_long or enter_short."
    )


def test_a_strategy_of_ticks_alone_is_not_run_over_bars(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Strategy\nclass Odd(Strategy):\n    def on_tick(self, tick):\n        pass\n"
    )
    assert refusal("odd.py", "--data", "mock").startswith("odd: it decides on ticks or quotes, and this run is driven")


def test_too_few_bars_for_the_indicators_are_counted():
    assert refusal("sma_cross", "--data", "mock", "--bars", 20) == (
        "sma_cross: its indicators need 31 bars of MOCKUSDT and there are 20. Give more bars, or smaller periods."
    )


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--seed", "1"], "--seed: only the built-in market has one. Leave it out, or use --data mock."),
        (["--symbol", "A", "--symbol", "B"], "--symbol: 2 symbols are given for 1 files."),
        (["--data", "mock"], "--data: mock does not mix with files."),
        (["--interval", "7x"], 'interval: "7x" is not an interval.'),
        (["--venue", "binanc_usdm"], 'venue: "binanc_usdm" is not a known venue. Did you mean "binance_usdm"'),
        (["--start", "yesterday"], '"yesterday" is not a date or time.'),
        (["--report", "r.txt"], '--report: "r.txt" does not end in .html or .htm. Rename it.'),
        (["--trades", "t.xlsx"], '--trades: "t.xlsx" does not end in .csv or .parquet. Rename it.'),
        (
            ["--magnify", "ETH=f.csv"],
            "--magnify: f.csv belongs to no market of the run. Write it as SYMBOL=FILE, with one of BTCUSDT.",
        ),
        (
            ["--funding", "ETH=f.csv"],
            "--funding: f.csv belongs to no market of the run. Write it as SYMBOL=FILE, with one of BTCUSDT.",
        ),
        (["--sizer", "fixd:1"], '--sizer: there is no "fixd". Did you mean "fixed"?'),
        (["--leverage", "5000"], "leverage: 5000 is not in 1..125, what BTCUSDT gives. Give 125 or less."),
        (["--leverage", "2", "--venue", "binance_spot"], "leverage: BTCUSDT is spot, which is traded without."),
        (["--leverage", "nan"], "leverage: nan is not in 1..125"),
        (["--cash", "nan"], "cash: NaN is not a positive number"),
    ],
)
def test_options_that_do_not_fit_are_named(csv: Path, args: list[str], sentence: str):
    assert sentence in refusal("sma_cross", "--data", csv, *args)
