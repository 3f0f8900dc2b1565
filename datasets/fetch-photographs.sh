#!/usr/bin/env bash
# Fetches real photographs into datasets/photographs/{cats,dogs,animals,objects} as PNG files:
#   - the stamps of Tux Paint (Debian package tuxpaint-stamps-default): cut-out animals with alpha;
#   - the sample pictures inside the scikit-image wheel (PyPI): a real cat among them.
# Never required: the study uses its own drawings as well. Running it again replaces nothing that is already there.
# About 175 MB of downloads, kept nowhere; about 8 MB stay.
set -euo pipefail

target=${1:-$(cd "$(dirname "$0")" && pwd)/photographs}
if [ -f "$target/.complete" ]; then
    echo "photographs: already in $target"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$target"/{cats,dogs,animals,objects}
missing=0

# Copies a file whole, so that an interrupted run leaves no half picture.
place() { # file, folder, name
    [ -f "$target/$2/$3" ] && return
    cp "$1" "$target/$2/.$3.partial"
    mv "$target/$2/.$3.partial" "$target/$2/$3"
}

stamps() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
        echo "photographs: no apt-get and dpkg-deb here, so no Tux Paint stamps" >&2
        return 1
    }
    echo "photographs: downloading tuxpaint-stamps-default (161 MB)"
    (cd "$work" && apt-get -q -o APT::Sandbox::User=root download tuxpaint-stamps-default >apt.log 2>&1) || {
        sed 's/^/    /' "$work/apt.log" >&2
        echo "photographs: apt-get could not download tuxpaint-stamps-default; try: sudo apt-get update" >&2
        return 1
    }
    dpkg-deb --fsys-tarfile "$work"/tuxpaint-stamps-default_*.deb |
        tar -x -C "$work" --wildcards './usr/share/tuxpaint/stamps/animals/mammals/*.png' \
            './usr/share/tuxpaint/stamps/animals/marsupials/*.png'
    local file name folder
    while IFS= read -r file; do
        case "$file" in
        */cartoon/* | */toys/*) continue ;;
        */mammals/cats/*) folder=cats ;;
        */mammals/dogs/*) folder=dogs ;;
        *) folder=animals ;;
        esac
        name=$(basename "$file")
        place "$file" "$folder" "$name"
    done < <(find "$work/usr" -name '*.png' | sort)
}

samples() {
    command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || {
        echo "photographs: no python3 with pip here, so no pictures of scikit-image" >&2
        return 1
    }
    echo "photographs: downloading the scikit-image wheel (about 13 MB)"
    python3 -m pip download -q --no-deps --only-binary=:all: --disable-pip-version-check -d "$work/wheel" \
        scikit-image >"$work/pip.log" 2>&1 || {
        sed 's/^/    /' "$work/pip.log" >&2
        echo "photographs: pip could not download scikit-image" >&2
        return 1
    }
    python3 -m zipfile -e "$work"/wheel/*.whl "$work/unpacked"
    local file name folder
    for file in "$work"/unpacked/skimage/data/*.png; do
        name=$(basename "$file")
        case "$name" in
        chelsea.png) folder=cats ;;
        *) folder=objects ;;
        esac
        place "$file" "$folder" "$name"
    done
}

stamps || missing=1
samples || missing=1
for folder in cats dogs animals objects; do
    echo "photographs: $folder: $(find "$target/$folder" -name '*.png' | wc -l)"
done
if [ "$missing" = 1 ]; then
    echo "photographs: incomplete; the study runs without them, and running this again fetches the rest" >&2
    exit 1
fi
touch "$target/.complete"
