#!/bin/sh
# Writes SourceIdentity.swift: the commit that is built, the processor of the machine that builds it, and the SHA-256 of the code of each file and folder of Sources.
# Usage: identity.sh PACKAGE OUTPUT
set -eu
export LC_ALL=C
cd "$1/Sources"
bare="$2/bare" new="$2/SourceIdentity.swift.new"

# The code alone: no indentation, no lines that are empty or only a comment.
rm -rf "$bare"
find . -type d | sed "s|^|$bare/|" | xargs mkdir -p
find . -type f \( -name '*.swift' -o -name '*.h' -o -name '*.c' \) | sort | xargs awk -v bare="$bare" '
    FNR == 1 { if (out) close(out); out = bare "/" FILENAME; printf "" > out }
    { sub(/^[ \t]+/, "") }
    !/^\/\// && !/^$/ { print > out }'

commit=nil dirty=nil
if revision=$(git rev-parse HEAD 2>/dev/null); then
    commit="\"$revision\""
    if [ -n "$(git status --porcelain --untracked-files=no 2>/dev/null)" ]; then dirty=true; else dirty=false; fi
fi
# Without what would end a Swift string.
built_on=nil
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1 | tr -d '"\\')
if [ -n "$processor" ]; then built_on="\"$processor\""; fi
{
    echo "/// Written by identity.sh before a build of other sources or another commit."
    echo "enum SourceIdentity {"
    echo "    static let commit: String? = $commit"
    echo "    static let isDirty: Bool? = $dirty"
    echo "    static let builtOn: String? = $built_on"
    echo "    static let code: [String: String] = ["
    cd "$bare"
    find . -type f | sort | xargs sha256sum | sed 's|  \./|  |' > "$2/sums"
    sed 's|^\(.*\)  \(.*\)$|        "\2": "\1",|' "$2/sums"
    # A folder: the names and hashes of its files.
    find . -mindepth 1 -type d | sed 's|^\./||' | sort | while read -r folder; do
        echo "        \"$folder\": \"$(grep "  $folder/" "$2/sums" | sha256sum | cut -d ' ' -f 1)\","
    done
    echo "    ]"
    echo "}"
} > "$new"
rm -rf "$bare" "$2/sums"
# An unchanged file keeps its time, so that nothing is compiled again.
if cmp -s "$new" "$2/SourceIdentity.swift"; then rm "$new"; else mv "$new" "$2/SourceIdentity.swift"; fi
