#!/usr/bin/env bash
# Installs what Kiln needs on Debian 12, without a question. Usage: scripts/setup.sh run|test|bench
# What is installed already is left alone, so a second call takes no time.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}

# Libraries that Kiln links, and the tools that it calls itself.
packages=(
    build-essential pkg-config
    libsqlite3-dev libmagic-dev libarchive-dev libcurl4-openssl-dev
    bubblewrap util-linux libvips-tools librsvg2-bin ca-certificates
)
# What the recipes call, at set-up and while they build and verify.
mapfile -t -O ${#packages[@]} packages < <(cat recipes/*/packages.txt | grep -v '^#')

case $purpose in
    run) ;;
    test) packages+=(
        curl python3 python3-venv nginx-light chromium fonts-dejavu-core fonts-noto-core ovmf slowhttptest
        python3-yaml shellcheck sqlite3
        postfix dovecot-core dovecot-imapd openssl
        apksigner aapt default-jdk-headless zipalign android-framework-res apktool dexdump enjarify unzip jq
    ) ;;
    bench) packages+=(curl python3 python3-venv nginx-light wrk postfix apktool) ;;
    *)
        echo "setup.sh: unknown purpose '$purpose'; use run, test or bench" >&2
        exit 64
        ;;
esac

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup.sh: '$*' needs root. Run this as root, or install sudo." >&2
        exit 77
    fi
}

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    if [ ${#missing[@]} = 0 ]; then
        refresh_lists
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        echo "setup.sh: this is not Debian; install the equivalents of: ${missing[*]}" >&2
        exit 69
    fi
    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    as_root apt-get update -q
    if [ "$purpose" != run ]; then
        without_services install_with_apt "${missing[@]}"
    else
        install_with_apt "${missing[@]}"
    fi
}

install_with_apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# Tests start servers of their own: those that come with the packages neither start now nor with the machine.
without_services() {
    local policy=/usr/sbin/policy-rc.d made='' code=0 service
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
        made=yes
    fi
    # Postfix asks what it is to be, and is nothing without an answer.
    echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
    "$@" || code=$?
    if [ -n "$made" ]; then as_root rm $policy; fi
    if command -v systemctl >/dev/null; then
        for service in postfix dovecot nginx; do
            if [[ " $* " == *" $service"* ]]; then as_root systemctl disable -q $service || true; fi
        done
    fi
    return $code
}

# `kiln prepare` downloads with the package lists that are here; old ones name files that are gone.
refresh_lists() {
    command -v apt-get >/dev/null || return 0
    [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 2>/dev/null)" ] || return 0
    as_root apt-get update -q || echo "setup.sh: the package lists could not be refreshed; going on with the old ones" >&2
}

check_swift() {
    local version
    if ! command -v swift >/dev/null; then
        cat >&2 <<'TEXT'
setup.sh: no Swift toolchain found. Kiln needs Swift 6.3 or newer.
  Get it from https://www.swift.org/install/linux/ (swiftly installs it for you),
  then see that `swift --version` works in this shell.
TEXT
        exit 69
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    if [ "$(printf '6.3\n%s\n' "${version:-0}" | sort -V | head -n 1)" != 6.3 ]; then
        echo "setup.sh: Swift ${version:-of unknown version} is too old; Kiln needs 6.3 or newer: https://www.swift.org/install/linux/" >&2
        exit 69
    fi
}

# The browser tests drive Debian's Chromium through Playwright, from a virtual environment of their own.
install_browser_tools() {
    local venv=.build/browser-tools
    [ -x $venv/bin/python ] && $venv/bin/python -c 'import playwright, axe_playwright_python' 2>/dev/null && return 0
    echo "Installing the browser test tools into $venv"
    python3 -m venv $venv
    $venv/bin/pip install -q --disable-pip-version-check 'playwright==1.65.2' 'axe-playwright-python==0.1.8'
}

# A real Buildbot, master and worker, for the tests of that provider; in a virtual environment of its own.
install_buildbot() {
    local venv=.build/buildbot
    [ -x $venv/bin/buildbot ] && [ -x $venv/bin/buildbot-worker ] && return 0
    echo "Installing Buildbot for the tests into $venv"
    python3 -m venv $venv
    $venv/bin/pip install -q --disable-pip-version-check -c Tests/Buildbot/constraints.txt \
        'buildbot[bundle]==4.3.0' 'buildbot-worker==4.3.0'
}

# A mail server that can be told what to do wrong (Tests/Servers) and a reader of signatures (dkimpy), in a virtual
# environment of its own.
install_mail_tools() {
    local venv=.build/mail-tools
    [ -x $venv/bin/python ] && $venv/bin/python -c 'import aiosmtpd, dkim, nacl' 2>/dev/null && return 0
    echo "Installing the mail test tools into $venv"
    python3 -m venv $venv
    $venv/bin/pip install -q --disable-pip-version-check 'aiosmtpd==1.4.6' 'dkimpy[ed25519]==1.1.8'
}

# What Kiln is measured beside.
install_bench_tools() {
    local venv=.build/bench-tools
    [ -x $venv/bin/python ] && $venv/bin/python -c 'import aiohttp' 2>/dev/null && return 0
    echo "Installing aiohttp into $venv"
    python3 -m venv $venv
    $venv/bin/pip install -q --disable-pip-version-check 'aiohttp==3.14.5'
}

check_swift
install_packages
if [ "$purpose" = bench ]; then install_bench_tools; fi
if [ "$purpose" = test ]; then
    install_browser_tools
    install_buildbot
    install_mail_tools
fi
