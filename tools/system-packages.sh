#!/usr/bin/env bash
# System packages that tests use where they can: installed when we may, named in a skip otherwise.
set -u
missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=""
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || { echo "Not installed, their tests will say so: ${missing[*]}"; exit 0; }
fi
command -v apt-get >/dev/null || { echo "No apt-get here; not installed: ${missing[*]}"; exit 0; }
echo "Installing for the tests: ${missing[*]}"
$as_root apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q \
    --no-install-recommends "${missing[@]}" >/dev/null || echo "Could not install: ${missing[*]}"
exit 0
