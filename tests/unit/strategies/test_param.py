"""What a strategy's parameters accept, and what they say when they do not."""

import pytest

from tradebot.core.errors import ParameterError, StrategyError
from tradebot.strategies import Strategy, param


class Example(Strategy):
    """Has a parameter of every kind."""

    window: int = param(20, ge=2, le=500, step=1, doc="Bars.")
    width: float = param(2.0, ge=0.5)
    cap: float = param(1, le=3)
    both_sides: bool = param(False)
    average: str = param("sma", choices=("sma", "ema"))

    def on_bar(self, bar):
        return None


def sentence(**values: object) -> str:
    with pytest.raises(ParameterError) as caught:
        Example(**values)
    return str(caught.value)


def test_parameters_take_their_defaults_and_are_plain_attributes():
    example = Example(window=55)
    assert vars(example) == {"window": 55, "width": 2.0, "cap": 1.0, "both_sides": False, "average": "sma"}
    assert example.params == vars(example)
    assert repr(example) == "Example(window=55, width=2.0, cap=1.0, both_sides=False, average='sma')"


def test_a_class_of_its_own_shows_the_declarations():
    window = Example.parameters["window"]
    assert (window.kind, window.default, window.ge, window.le, window.step, window.doc) == (int, 20, 2, 500, 1, "Bars.")
    assert [declared.bounds for declared in Example.parameters.values()] == [
        "2..500",
        ">= 0.5",
        "<= 3",
        "",
        "sma | ema",
    ]


def test_a_value_out_of_bounds_names_strategy_parameter_and_bounds():
    assert sentence(window=1) == (
        "example.window: 1 is below the minimum 2. Give a value in 2..500 (the default is 20)."
    )
    assert sentence(window=501).startswith("example.window: 501 is above the maximum 500.")
    assert sentence(width=0.1).startswith("example.width: 0.1 is below the minimum 0.5. Give a value >= 0.5")


@pytest.mark.parametrize(
    ("values", "fact"),
    [
        ({"window": "ten"}, '"ten" is not a whole number'),
        ({"window": 10.5}, "10.5 is not a whole number"),
        ({"window": True}, "True is not a whole number"),
        ({"width": None}, "None is not a number"),
        ({"width": float("nan")}, "nan is not a finite number"),
        ({"both_sides": 1}, "1 is not true or false"),
        ({"average": 3}, "3 is not text"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(values: dict[str, object], fact: str):
    assert fact in sentence(**values)


def test_whole_floats_and_integers_become_the_parameters_type():
    example = Example(window=30.0, width=3)
    assert type(example.window) is int
    assert type(example.width) is float


def test_an_unknown_parameter_offers_the_nearest():
    assert sentence(windw=10) == 'example.windw: there is no such parameter. Did you mean "window" or "width"?'
    assert sentence(zzz=10).endswith("It has window, width, cap, both_sides, average.")


def test_a_value_that_is_no_choice_offers_the_nearest():
    assert sentence(average="ema ") == 'example.average: ema  is not one of sma, ema. Did you mean "ema"?'


def test_text_is_read_as_the_parameters_type():
    read = {name: Example.parameters[name].parse for name in Example.parameters}
    assert read["window"]("12") == 12
    assert read["width"]("1e1") == 10.0
    assert read["both_sides"]("Yes") is True
    assert read["both_sides"]("off") is False
    assert read["average"]("ema") == "ema"
    for name, text in {"window": "1.5", "width": "wide", "both_sides": "perhaps"}.items():
        with pytest.raises(ParameterError, match=f'example.{name}: "{text}" is not'):
            read[name](text)


def test_a_default_outside_its_own_bounds_fails_when_the_class_is_made():
    with pytest.raises(ParameterError, match=r"too_wide\.window: 900 is above the maximum 500"):

        class TooWide(Strategy):
            window: int = param(900, le=500)


def test_a_parameter_may_not_hide_a_part_of_strategy():
    with pytest.raises(ParameterError, match=r"shadow\.position: the name is taken"):

        class Shadow(Strategy):
            position: int = param(1)


def test_a_subclass_inherits_parameters_and_may_change_them():
    class Narrow(Example):
        window: int = param(5, ge=2, le=10)

    assert Narrow().window == 5
    assert list(Narrow.parameters) == list(Example.parameters)
    assert Example().window == 20
    with pytest.raises(ParameterError, match=r"narrow\.window: 11"):
        Narrow(window=11)


def test_a_class_that_decides_nothing_cannot_be_made():
    class Empty(Strategy):
        pass

    with pytest.raises(StrategyError, match=r"empty: the class decides nothing\. Give it on_bar"):
        Empty()
