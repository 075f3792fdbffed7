#!/bin/sh
# UNTESTED: no macOS was at hand; this follows Apple's manuals. See docs/installing.md.
# SPDX-License-Identifier: Apache-2.0
# installers/macos/pack.sh APP OUT: signs "Fair Witness.app" that installers/build.py made on a Mac, packs it as a .pkg with
# its LaunchAgent, and has it notarised. Needs the developer tools, and in the environment:
#   APPLICATION_IDENTITY  "Developer ID Application: ..."
#   INSTALLER_IDENTITY    "Developer ID Installer: ..."
#   NOTARY_PROFILE        a profile kept by `xcrun notarytool store-credentials`
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
app=$1
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../../pyproject.toml")
[ -n "$version" ] || { echo "pyproject.toml names no version" >&2; exit 2; }
identifier=fairwitness.desktop
package="$out/fairwitness-$version.pkg"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# from the inside to the outside: a signature covers what was signed before it
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -exec \
    codesign --force --timestamp --options runtime --sign "$APPLICATION_IDENTITY" {} +
codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$APPLICATION_IDENTITY" "$app"
codesign --verify --deep --strict "$app"

mkdir -p "$work/root/Applications" "$work/root/Library/LaunchAgents"
cp -R "$app" "$work/root/Applications/"
cp "$here/fairwitness.desktop.plist" "$work/root/Library/LaunchAgents/"
pkgbuild --root "$work/root" --identifier "$identifier" --version "$version" --install-location / "$work/part.pkg"
productbuild --package "$work/part.pkg" --identifier "$identifier" --version "$version" --sign "$INSTALLER_IDENTITY" "$package"
xcrun notarytool submit "$package" --keychain-profile "$NOTARY_PROFILE" --wait
xcrun stapler staple "$package"
printf '%s\n' "$package"
