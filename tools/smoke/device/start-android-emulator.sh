#!/usr/bin/env bash
# Starts an Android emulator of the oldest API level that is claimed, and returns when it has booted.
set -euo pipefail

api=24
: "${ANDROID_HOME:?set ANDROID_HOME to the folder of the Android SDK}"

tools="$ANDROID_HOME/cmdline-tools/latest/bin"
# This image runs 32-bit programs, too.
image="system-images;android-$api;default;x86_64"

# Without access to /dev/kvm the emulator interprets every instruction.
if [ -e /dev/kvm ] && [ ! -w /dev/kvm ]; then
  sudo chmod 666 /dev/kvm
fi

# `yes` ends by a broken pipe, which is no failure.
(yes || true) | "$tools/sdkmanager" --licenses >/dev/null
"$tools/sdkmanager" --install "$image" emulator platform-tools >/dev/null
echo no | "$tools/avdmanager" create avd --force --name smoke --package "$image" >/dev/null

"$ANDROID_HOME/emulator/emulator" -avd smoke -no-window -no-audio -no-boot-anim -no-snapshot -gpu swiftshader_indirect \
  >emulator.log 2>&1 &

adb="$ANDROID_HOME/platform-tools/adb"
timeout 600 "$adb" wait-for-device
for _ in $(seq 120); do
  if [ "$("$adb" shell getprop sys.boot_completed | tr -d '\r')" = 1 ]; then
    echo "android-$api has booted"
    exit 0
  fi
  sleep 5
done
echo "the emulator did not boot within ten minutes; the end of its log:" >&2
tail -20 emulator.log >&2
exit 1
