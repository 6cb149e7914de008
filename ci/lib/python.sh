# shellcheck shell=bash
# Python tools at pinned versions in an environment of their own below the build folder. Source after common.sh.

venv=$build_dir/ci/venv
pins=$lib/requirements.txt
python_tools() {
    cmp -s "$pins" "$venv/installed.txt" && return
    echo "installing Python tools into $venv"
    need python3 python3 python3-venv
    python3 -m venv --help >/dev/null 2>&1 || need python3-venv python3-venv
    rm -rf "$venv"
    # The script may have found its python3 in there.
    hash -r
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$pins"
    cp "$pins" "$venv/installed.txt"
}
