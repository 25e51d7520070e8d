"""Strategies that come with tradebot, one file each; the registry finds every module of this folder."""
