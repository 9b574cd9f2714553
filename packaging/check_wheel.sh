#!/bin/sh
# The wheel built from this tree runs outside the checkout, packs and resources included.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
python="$root/.venv/bin/python"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$place/wheel" "$root"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$place/site" "$place"/wheel/*.whl
cd "$place"
export PYTHONPATH="$place/site" EMRASSESS_HOME="$place/home"
"$python" -c "
import pathlib, emrassess
from emrassess import paths
here = pathlib.Path(emrassess.__file__).resolve().parent
assert here.is_relative_to(pathlib.Path('$place').resolve()), here
assert paths.criteria_dir().parent == here and paths.resources_dir().parent == here
assert (paths.resources_dir() / 'fonts' / 'NotoSansSC-Regular.ttf').exists()
from emrassess.reports import deck_parts, review_docx
deck_parts.Deck('')
review_docx.Document()
"
"$python" -m emrassess criteria check
"$python" -m emrassess demo --headless --out "$place/demo"
echo "wheel: runs outside the checkout"
