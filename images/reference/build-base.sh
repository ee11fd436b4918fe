#!/bin/sh
# The slow half of the reference guest: run by mmdebstrap (as its extract hook, with the target's root as
# the only argument) after Debian's packages are unpacked and before any of them would be configured.
# Adds Wine and the kernel, makes the Wine prefix, and leaves three files in $root/artifacts:
# vmlinuz, initrd, disk.ext4.
# Nothing in it depends on the lab's own binaries: those are an archive of their own (see image.ts).
set -eu
root=$1
recipe=$(dirname "$(readlink -f "$0")")
export LC_ALL=C
stage() { echo "wsklab-stage: $*"; }
inside() { chroot "$root" /bin/busybox env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin WINEPREFIX=/wine WINEDEBUG=-all "$@"; }

stage packages
# Wine and the kernel without their dependencies (printers, cameras, media, initramfs-tools): what is kept
# of them links to libc and libunwind only.
packages=$root/packages
mkdir "$packages"
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: *\(linux-image-[^ ]*\)$/\1/p' | head -n 1)
(cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download wine64 libwine libz-mingw-w64 "$kernel")

stage unpack
modules=$root/modules
mkdir "$modules"
{
  echo './boot/vmlinuz*'
  sed 's,.*,./lib/modules/*/kernel/&.ko,' "$recipe/modules.txt"
} >"$packages/kept-modules"
dpkg-deb --fsys-tarfile "$packages"/linux-image-*.deb | tar -x -C "$modules" --wildcards -T "$packages/kept-modules"
release=$(ls "$modules/lib/modules")
dpkg-deb --fsys-tarfile "$packages"/wine64_*.deb | tar -x -C "$root" ./usr/lib/wine/wine64 ./usr/lib/wine/wineserver64
mv "$root/usr/lib/wine/wineserver64" "$root/usr/lib/wine/wineserver"
unix=./usr/lib/x86_64-linux-gnu/wine/x86_64-unix
windows=./usr/lib/x86_64-linux-gnu/wine/x86_64-windows
{
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' -e "s,^.*\.so\$,$unix/&,;t" -e "s,^,$windows/," "$recipe/wine-files.txt"
  echo ./usr/share/wine/wine.inf
  echo './usr/share/wine/nls/*'
} >"$packages/keep"
dpkg-deb --fsys-tarfile "$packages"/libwine_*.deb | tar -x -C "$root" --wildcards -T "$packages/keep"
dpkg-deb --fsys-tarfile "$packages"/libz-mingw-w64_*.deb |
  tar -x -O ./usr/x86_64-w64-mingw32/lib/zlib1.dll >"$root/$windows/zlib1.dll"
# Wine's PE files carry DWARF: three quarters of their size.
strip --strip-debug "$root/$windows"/*.dll "$root/$windows"/*.exe "$root/$windows"/*.sys
rm -rf "$packages"

stage system
for applet in $(inside busybox --list); do
  [ -e "$root/bin/$applet" ] || [ -e "$root/usr/bin/$applet" ] || [ -e "$root/sbin/$applet" ] || ln -s busybox "$root/bin/$applet"
done
cp -r "$recipe/guest/." "$root/"
mkdir -p "$root/run" "$root/root" "$root/mnt" "$root/C:/lab" "$root/wine/dosdevices"
ln -sf /proc/mounts "$root/etc/mtab"
inside ldconfig

stage prefix
# C: is a directory of that name, so that SFTP paths (/C:/lab/x) are those of Windows' OpenSSH.
ln -s /C: "$root/wine/drive_c"
ln -s /C: "$root/wine/dosdevices/c:"
ln -s / "$root/wine/dosdevices/z:"
# Without FreeType, which is needed later to keep Wine from complaining of its absence: with it, every process
# of the set-up wants a desktop, and explorer.exe (which is not in this image) without end.
mkdir "$root/later"
mv "$root"/usr/lib/x86_64-linux-gnu/libfreetype.so.* "$root/later/"
wine() { inside WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' timeout 120 /usr/lib/wine/wine64 "$@" 2>/dev/null; }
# Its exit code is that of a start.exe which does not find zlib1.dll yet; what counts is what it made.
wine wineboot.exe --init || true
inside timeout 120 /usr/lib/wine/wineserver -w
mv "$root"/later/* "$root/usr/lib/x86_64-linux-gnu/"
rmdir "$root/later"
# Not one of Wine's own modules, so that it is looked for like any program's.
mv "$root/$windows/zlib1.dll" "$root/C:/windows/system32/"
wine cmd.exe /c 'exit 0'
wine regedit.exe /S 'C:\lab\prefix.reg'
inside timeout 120 /usr/lib/wine/wineserver -w
rm "$root/C:/lab/prefix.reg"
# Wine would otherwise compare its set-up file's date with this at every start, and set up again.
echo disable >"$root/wine/.update-timestamp"

stage initrd
initrd=$root/initrd
mkdir -p "$initrd/bin" "$initrd/modules" "$initrd/newroot" "$initrd/proc" "$initrd/dev"
cp "$root/bin/busybox" "$initrd/bin/"
cp "$recipe/initrd-init" "$initrd/init"
chmod 755 "$initrd/init"
# In the order in which they have to be loaded.
order=0
while read -r module; do
  order=$((order + 1))
  cp "$modules/lib/modules/$release/kernel/$module.ko" "$initrd/modules/$(printf %02d $order)-$(basename "$module").ko"
done <"$recipe/modules.txt"
mkdir "$root/artifacts.new"
cp "$modules/boot/vmlinuz-$release" "$root/artifacts.new/vmlinuz"
(cd "$initrd" && find . | sort | "$initrd/bin/busybox" cpio -o -H newc 2>/dev/null) >"$root/artifacts.new/initrd"
rm -rf "$initrd" "$modules"

stage disk
# Beside the root, because mke2fs -d would put the disk into itself.
artifacts=$root.artifacts
rm -rf "$artifacts"
mv "$root/artifacts.new" "$artifacts"
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/i18n" "$root/usr/share/zoneinfo" \
  "$root/var/cache" "$root/var/lib/apt" "$root/usr/lib/x86_64-linux-gnu/gconv" "$root/usr/lib/locale" "$root/usr/share/perl5" \
  "$root/usr/lib/systemd" "$root/usr/share/bug" "$root/usr/share/lintian"
mountpoint -q "$root/proc" && umount "$root/proc" || true
mountpoint -q "$root/sys" && umount "$root/sys" || true
mke2fs -q -t ext4 -O ^has_journal,casefold -E lazy_itable_init=0,nodiscard -m 0 -L wsklab -d "$root" "$artifacts/disk.ext4" 1G
mv "$artifacts" "$root/artifacts"
