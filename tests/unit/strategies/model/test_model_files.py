"""Model files: read as they were written, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from tradebot.core.errors import ConfigError, DataError, StrategyError
from tradebot.feeds.mock import mock_bars
from tradebot.research.models import save_model, train
from tradebot.strategies import registry
from tradebot.strategies.model import Linear, TrainedModel, read_model

BARS = mock_bars("AUSDT", "1h", 2_000, seed=3)
INPUTS = ("log_return:1", "parkinson:20", "hour_sin")
RIDGE = train(BARS, INPUTS, model="ridge")
Change = Callable[[TrainedModel], TrainedModel]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trend.model"


def changed(**values: object) -> Change:
    """A change made by someone who seals the model anew."""
    return lambda model: msgspec.structs.replace(model, **values).sealed()


def early(model: TrainedModel) -> TrainedModel:
    first, *rest = model.folds
    folds = (msgspec.structs.replace(first, usable_from=first.trained_from), *rest)
    return msgspec.structs.replace(model, folds=folds).sealed()


def unreadable(file: Path) -> bool:
    try:
        read_model(file)
    except StrategyError as error:
        return str(error).startswith(str(file))
    return False


def thinner(model: TrainedModel) -> TrainedModel:
    learnt = Linear(((1.0, 2.0),), (0.0,))
    return msgspec.structs.replace(
        model, folds=tuple(msgspec.structs.replace(fold, learnt=learnt) for fold in model.folds)
    ).sealed()


@pytest.mark.parametrize("kind", ["ridge", "logistic", "lightgbm"])
def test_a_model_is_read_as_it_was_written(kind: str, file: Path):
    model = train(BARS, INPUTS, model=kind, target="barrier", horizon=3)
    save_model(model, file)
    assert read_model(file) == model


def test_a_model_file_is_a_strategy_of_its_name(file: Path):
    save_model(RIDGE, file)
    kind = registry.find(str(file))
    assert kind.name == "trend"
    assert kind.version == f"1.0+{RIDGE.digest[:8]}"
    assert set(kind.parameters) == {"enter", "leave", "direction"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (changed(format=2), "it is of format 2, and this tradebot reads up to 1. Update tradebot."),
        (changed(library_version="0.1"), "scikit-learn 0.1 made it, and {installed} is installed. Train it again, or"),
        (changed(library="absent", library_version="1.0"), "absent 1.0 made it and is not installed. Install it: pip"),
        (changed(features=("log_return:1", "wind", "hour_sin")), "one of its features is not known here: "),
        (changed(features=("log_return:1",)), "it lists 1 features, and was fitted on 3. Train it again with"),
        (thinner, "it lists 3 features, and was fitted on 2. Train it again with"),
        (early, "fold 1 would judge bars from 2024-01-01T19:00:00Z on, and has seen bars up to 2024-02-03T"),
        (changed(folds=RIDGE.folds[::-1]), "its folds are not in order of time"),
        (changed(folds=()), "its folds are not in order of time"),
        (lambda model: msgspec.structs.replace(model, horizon=9), "it is damaged, or was changed by hand: its digest"),
    ],
)  # fmt: skip
def test_a_model_that_does_not_fit_is_refused_in_one_sentence(change: Change, sentence: str, file: Path):
    save_model(change(RIDGE), file)
    with pytest.raises(StrategyError) as caught:
        registry.find(str(file))
    assert str(caught.value).startswith(f"{file}: {sentence.format(installed=metadata.version('scikit-learn'))}")


@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95", b"{}", b'{"format": 1}', b'{"format": "x"}', b"\xff\xfe"])
def test_a_file_that_is_no_model_is_refused(content: bytes, file: Path):
    file.write_bytes(content)
    with pytest.raises(StrategyError, match="it is no model, or damaged"):
        read_model(file)


def test_a_file_that_is_cut_off_or_has_a_byte_turned_is_refused(file: Path):
    save_model(RIDGE, file)
    whole = file.read_bytes()
    for at in range(40, len(whole), 97):
        file.write_bytes(whole[:at])
        with pytest.raises(StrategyError):
            read_model(file)
        turned = bytearray(whole)
        turned[at] ^= 1
        file.write_bytes(bytes(turned))
        assert unreadable(file) or read_model(file) == RIDGE  # white space between the values


def test_an_absent_file_is_refused(file: Path):
    with pytest.raises(StrategyError, match=r"trend\.model: it cannot be read: No such file or directory\. Check"):
        registry.find(str(file))


def test_a_name_that_is_no_models_is_refused_before_training(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"the name does not end in \.model\. Call it btc\.model\."):
        save_model(RIDGE, tmp_path / "btc.json")
    with pytest.raises(ConfigError, match="its folder is not there"):
        save_model(RIDGE, tmp_path / "away" / "btc.model")


def test_a_full_disk_leaves_the_earlier_model(file: Path, monkeypatch: pytest.MonkeyPatch):
    save_model(RIDGE, file)
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="the disk is full"):
        save_model(train(BARS, INPUTS, model="logistic"), file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
