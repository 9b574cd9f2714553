"""The published JSON Schemas of pack files, made from the models: `python -m emrassess.packs.schema FOLDER`."""

import json
import sys
from pathlib import Path

from emrassess.packs import files

SCHEMAS = {
    "pack.schema.json": files.PackFile,
    "role.schema.json": files.RoleFile,
    "quality.schema.json": files.QualityFile,
    "fingerprints.schema.json": files.FingerprintsFile,
}


def schemas() -> dict[str, str]:
    """File name to JSON Schema text."""
    return {
        name: json.dumps(model.model_json_schema(), ensure_ascii=False, indent=1) + "\n"
        for name, model in SCHEMAS.items()
    }


if __name__ == "__main__":
    for file_name, text in schemas().items():
        (Path(sys.argv[1]) / file_name).write_text(text, encoding="utf-8")
