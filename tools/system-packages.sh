#!/usr/bin/env bash
# System packages that tests use where they can: installed when we may, named in a skip otherwise. With the word
# "demo" only those that the stories use.
set -u
missing=()
if [ "${1:-}" != demo ]; then
    "$(dirname "$0")/azurite.sh" &
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
    command -v chromium >/dev/null || missing+=(chromium)  # the stories of tests/browser
    command -v java >/dev/null || missing+=(openjdk-17-jre-headless)  # Spark, for steps of Databricks
    command -v wrk >/dev/null || missing+=(wrk)  # the load of `make bench`
fi
# LightGBM is linked with it, and slim images lack it
ldconfig -p 2>/dev/null | grep -q "libgomp.so.1" || missing+=(libgomp1)
command -v Rscript >/dev/null || missing+=(r-base-core)
[ ${#missing[@]} -eq 0 ] && { wait; exit 0; }
as_root=""
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || { echo "Not installed, what needs them will say so: ${missing[*]}"; wait; exit 0; }
fi
command -v apt-get >/dev/null || { echo "No apt-get here; not installed: ${missing[*]}"; wait; exit 0; }
echo "Installing: ${missing[*]}"
$as_root apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q \
    --no-install-recommends "${missing[@]}" >/dev/null || echo "Could not install: ${missing[*]}"
wait
exit 0
