#!/bin/bash
# What the files of appliance/ cannot say: services on and off, and the places that a read-only system needs.
set -eu
chmod 755 /usr/lib/kmip-edge/*
chmod 644 /etc/systemd/system/*.service /etc/systemd/system/*.mount /etc/systemd/system/*.path /etc/systemd/system/*.timer /etc/systemd/system/*.socket
systemctl daemon-reload
systemctl --quiet enable data.mount var.mount kmip-edge.service kmip-edge-settings.service kmip-edge-set-up.service ssh.service kmip-edge-console@tty1.service kmip-edge-console@ttyS0.service \
  nftables.service systemd-networkd.service systemd-resolved.service open-vm-tools.service chrony.service
systemctl --quiet enable kmip-edge-kmip.socket kmip-edge-page.socket
systemctl --quiet enable kmip-edge-update.path kmip-edge-trial-limit.timer kmip-edge-settle.service kmip-edge-update-done.service
systemctl --quiet disable ssh.socket getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer e2scrub_all.timer fstrim.timer 2>/dev/null || true
systemctl --quiet mask getty@tty1.service serial-getty@ttyS0.service systemd-networkd-wait-online.service systemd-machine-id-commit.service \
  systemd-firstboot.service console-getty.service getty-static.service debug-shell.service ctrl-alt-del.target e2scrub_reap.service \
  systemd-hibernate.service systemd-suspend.service
mkdir -p /data /run/kmip-edge
ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
passwd --quiet --lock root
cat >/etc/fstab <<'TAB'
PARTLABEL=slot-a /    auto  ro,relatime            0 0
tmpfs            /tmp tmpfs nosuid,nodev,noexec,size=256M 0 0
TAB
# Whichever slot it is: the kernel's command line says which one is the root.
sed -i '/ \/ /d' /etc/fstab
ln -sf ../proc/self/mounts /etc/mtab
ln -sf /run/kmip-edge/localtime /etc/localtime
