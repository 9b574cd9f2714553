"""Criteria packs: YAML to Pack, every fault with its file and line."""
