"""Criteria packs: YAML to Pack, every fault with its file and line."""

import re

PACK_FILE = re.compile(r"(pack|quality|fingerprints|role-[A-Za-z0-9_-]{1,40})\.yaml")
"""Names of the files that make a pack; nothing else in its folder counts."""
