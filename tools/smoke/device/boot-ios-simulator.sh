#!/usr/bin/env bash
# Boots the first iPhone simulator that this Xcode has, and returns when it is up.
set -euo pipefail

device="$(xcrun simctl list devices available --json |
  python3 -c 'import json, sys
runtimes = json.load(sys.stdin)["devices"]
phones = [d["udid"] for name, ds in runtimes.items() if "iOS" in name for d in ds if d["name"].startswith("iPhone")]
print(phones[0] if phones else "")')"
if [ -z "$device" ]; then
  echo "this Xcode has no iPhone simulator: xcodebuild -downloadPlatform iOS" >&2
  exit 1
fi
# -b boots it if it is not up yet, and waits.
xcrun simctl bootstatus "$device" -b
