#!/bin/sh
# Builds the base of the reference guest: what takes long and depends on Debian only.
#
#   build.sh SOURCES OUTPUT MODE     SOURCES: apt sources, one-line format; OUTPUT: an existing folder, gets vmlinuz,
#                                    initrd, disk.qcow2, packages; MODE: root or unshare (mmdebstrap(1))
#
# Lines "wsklab-stage: NAME" on stdout tell how far it is.
set -eu
here=$(dirname "$(readlink -f "$0")")
sources=$1 output=$2 mode=$3
packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt" | paste -s -d ,)
# What the host's own apt needs in order to reach its mirrors.
set --
while IFS= read -r option; do
  set -- "$@" --aptopt="$option"
done <<EOF
$(apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|ForceIPv)' | grep -v '""')
EOF
echo 'wsklab-stage: debian'
# Nothing is configured (variant extract): no maintainer script runs, and the guest has no package manager.
exec mmdebstrap --quiet --mode="$mode" --variant=extract --format=null --include="$packages" \
  --aptopt='APT::Install-Recommends "false"' "$@" \
  --setup-hook='mkdir -p "$1/proc" "$1/sys"' \
  --extract-hook="APT_CONFIG=\$MMDEBSTRAP_APT_CONFIG '$here/fill.sh' \"\$1\"" \
  --extract-hook="copy-out /artifacts/vmlinuz /artifacts/initrd /artifacts/disk.qcow2 /artifacts/packages '$output'" \
  bookworm /dev/null "$sources"
