#!/usr/bin/env bash
# Builds the disk that Packer boots: Debian by mmdebstrap, in the first of two system slots, behind Debian's signed shim and
# GRUB. No loop device, no mount and no virtual machine is needed, only root for mmdebstrap.
# Usage: base-image.sh OUT.raw PACKAGES.txt [SNAPSHOT]   (SNAPSHOT as snapshot.debian.org names it, 20261101T000000Z)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1 list=$2 snapshot=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fact() { python3 -c 'import json,sys; v=json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."): v=v[k]
print(" ".join(v) if isinstance(v, list) else v)' "$here/../ova.json" "$1"; }
say() { printf '   %s\n' "$*"; }

suite=$(fact system.debian)
packages=$(fact system.packages)
esp=$(fact system.espMiB) slot=$(fact system.slotMiB)
mirror=http://deb.debian.org/debian security=http://deb.debian.org/debian-security
aptopts=()
if [ -n "$snapshot" ]; then
  mirror=https://snapshot.debian.org/archive/debian/$snapshot
  security=https://snapshot.debian.org/archive/debian-security/$snapshot
  # An old snapshot's release files have ended by definition.
  aptopts=(--aptopt='Acquire::Check-Valid-Until "false"')
  export SOURCE_DATE_EPOCH
  SOURCE_DATE_EPOCH=$(date -u -d "${snapshot:0:8} ${snapshot:9:2}:${snapshot:11:2}:${snapshot:13:2}" +%s)
fi

# The first file system of the start holds what finds the system disk and no more: it is a third of the size, and read faster.
cat >"$work/start.sh" <<HOOK
set -eu
mkdir -p "\$1/etc/initramfs-tools/conf.d" "\$1/usr/share/initramfs-tools/modules.d"
echo MODULES=list >"\$1/etc/initramfs-tools/conf.d/kmip-edge"
printf '%s\n' $(fact system.startModules) >"\$1/usr/share/initramfs-tools/modules.d/kmip-edge"
HOOK

say "Debian $suite: ${packages// /, }"
mmdebstrap --variant=minbase --format=directory "${aptopts[@]}" --include="${packages// /,}" \
  --setup-hook="sh $work/start.sh \"\$1\"" "$suite" "$work/root" \
  "deb $mirror $suite main" "deb $mirror $suite-updates main" "deb $security $suite-security main" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log"; exit 1; }
shopt -s extglob
set -f
for path in $(fact system.leaveOut); do (set +f; rm -rf "$work/root"$path); done
for path in $(fact system.leaveOutModules); do (set +f; rm -rf "$work/root"/usr/lib/modules/*/kernel/$path); done
set +f
for modules in "$work/root"/usr/lib/modules/*; do chroot "$work/root" depmod "${modules##*/}"; done

say 'what only the build needs: a way in for Packer'
install -d -m 700 "$work/root/root/.ssh"
[ -z "${BUILD_KEY:-}" ] || install -m 600 "$BUILD_KEY" "$work/root/root/.ssh/authorized_keys"
cat >"$work/root/etc/systemd/network/90-build.network" <<'NET'
[Match]
Type=ether
[Network]
DHCP=yes
NET
chroot "$work/root" systemctl --quiet enable systemd-networkd systemd-resolved ssh
echo build >"$work/root/etc/hostname"
printf 'PARTLABEL=slot-a / ext4 defaults 0 1\n' >"$work/root/etc/fstab"
chroot "$work/root" dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' | sort >"$list"

say 'boot partition: shim, GRUB, two slots'
truncate -s "${esp}M" "$work/esp"
mkfs.fat -F 32 -n EFI "$work/esp" >/dev/null
mmd -i "$work/esp" ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i "$work/esp" "$work/root/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$work/esp" "$work/root/usr/lib/shim/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
mcopy -i "$work/esp" "$work/root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
mcopy -i "$work/esp" "$here/grub.cfg" ::/EFI/debian/grub.cfg
python3 - "$work/grubenv" <<'ENV'
import sys
text = b'# GRUB Environment Block\nslot=a\n'
open(sys.argv[1], 'wb').write(text + b'#' * (1024 - len(text)))
ENV
mcopy -i "$work/esp" "$work/grubenv" ::/EFI/debian/grubenv

say 'system slots'
truncate -s "${slot}M" "$work/slot-a"
mkfs.ext4 -q -O ^metadata_csum_seed,^orphan_file -m 0 -L system -d "$work/root" "$work/slot-a"

rm -f "$out"
truncate -s "$((esp + 2 * slot + 2))M" "$out"
sgdisk --clear \
  --new=1:1M:+"${esp}M" --typecode=1:ef00 --change-name=1:efi \
  --new=2:0:+"${slot}M" --typecode=2:8304 --change-name=2:slot-a \
  --new=3:0:+"${slot}M" --typecode=3:8304 --change-name=3:slot-b "$out" >/dev/null
dd if="$work/esp" of="$out" bs=1M seek=1 conv=notrunc,sparse status=none
dd if="$work/slot-a" of="$out" bs=1M seek="$((1 + esp))" conv=notrunc,sparse status=none
say "$(du -h "$out" | cut -f1) in $out"
