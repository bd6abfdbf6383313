#!/bin/bash
# Starts the emulator, and writes its addresses and key into the environment of the steps that follow. It ends with the job.
set -euo pipefail

# Not the output of this step, which would wait for its end.
log="${RUNNER_TEMP}/oss-livechannel.log"
# shellcheck disable=SC2086 # OPTIONS are words
exec 3< <(exec npx --yes "oss-livechannel-emulator@${VERSION}" start --memory --port 0 --rtmp-port off --webrtc-port 0 --log-level warn --json ${OPTIONS} 2> "$log")
echo "$!" > "${RUNNER_TEMP}/oss-livechannel.pid"
# The first line is the answer, as soon as the addresses can be used.
if ! read -r answer <&3; then
  cat "$log" >&2
  exit 1
fi
node -e '
  const { environment } = JSON.parse(process.argv[1]);
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  require("node:fs").appendFileSync(process.env.GITHUB_ENV, lines.join(""));
  require("node:fs").appendFileSync(process.env.GITHUB_OUTPUT, `endpoint=${environment.OSS_ENDPOINT}\n`);
' "$answer"
