#!/bin/sh
# UNTESTED with a real Windows build: tests pack a stand-in for the program. See docs/installing.md.
# SPDX-License-Identifier: Apache-2.0
# installers/windows/pack.sh FROZEN OUT: packs a folder that installers/build.py made on Windows as an MSI (everybody on a
# computer) and a setup.exe (one person). Runs on Linux with wixl (msitools) and makensis (nsis).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
frozen=$(CDPATH='' cd -- "$1" && pwd)
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../../pyproject.toml")
[ -n "$version" ] || { echo "pyproject.toml names no version" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# wixl knows relative paths alone
ln -s "$frozen" "$work/frozen"
cp "$here/fairwitness.wxs" "$work/"
find "$frozen" -type f | LC_ALL=C sort |
    wixl-heat --prefix "$frozen/" --component-group Payload --directory-ref INSTALLFOLDER --var var.Frozen --win64 >"$work/payload.wxs"
(cd "$work" && wixl -a x64 -D Win64=yes -D Version="$version" -D Frozen=frozen -o "$out/fairwitness-$version-x64.msi" \
    fairwitness.wxs payload.wxs)
makensis -V2 -DVERSION="$version" -DFROZEN="$frozen" -DOUT="$out/fairwitness-$version-x64-setup.exe" "$here/fairwitness.nsi"
# Sign both afterwards, for instance with osslsigncode: unsigned installers are refused by many computers.
printf '%s\n' "$out/fairwitness-$version-x64.msi" "$out/fairwitness-$version-x64-setup.exe"
