"""Which markets of a provider are looked at: universes, filters, and the list kept for a day."""

from tradebot.store.symbols.asset_list import AssetList, cached_assets
from tradebot.store.symbols.standard import Filters, is_standard
from tradebot.store.symbols.universes import MODES, POPULAR, universe

__all__ = ["MODES", "POPULAR", "AssetList", "Filters", "cached_assets", "is_standard", "universe"]
