#!/usr/bin/env bash
# Azurite, the emulator of blob storage that tests use where it is: once a machine (tests/environments.py). Nothing
# where npm is missing.
set -u
version=3.37.0
tools="/var/tmp/skyloom-test-engines-$(id -u)/azurite"
command -v azurite-blob >/dev/null && exit 0
[ -x "$tools/node_modules/.bin/azurite-blob" ] && exit 0
command -v npm >/dev/null || { echo "No npm here; not installed: azurite"; exit 0; }
echo "Installing: azurite $version"
mkdir -p "$tools"
npm install --prefix "$tools" --no-audit --no-fund --silent "azurite@$version" >/dev/null 2>&1 ||
    { rm -rf "$tools/node_modules"; echo "Could not install: azurite"; }
exit 0
