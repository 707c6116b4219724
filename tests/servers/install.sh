#!/bin/sh
# Installs the servers that the tests talk to, where root and apt are there.
# Elsewhere the tests that need one skip and say so (with CI=true they fail).
set -eu

missing=""
command -v dovecot >/dev/null 2>&1 || [ -x /usr/sbin/dovecot ] || missing="dovecot-imapd"
command -v neomutt >/dev/null 2>&1 || missing="$missing neomutt"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests: $missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "not installed (no root, or no apt): $missing; the tests that need it will skip" >&2
fi
