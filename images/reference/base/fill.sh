#!/bin/sh
# The second half of build.sh: run by mmdebstrap after Debian's packages are unpacked, with the target's root as
# the only argument. Adds Wine and the kernel, makes the Wine prefix, and leaves in $root/artifacts:
# vmlinuz, initrd, disk.qcow2, packages (the names of all package files that went in).
# Nothing in it depends on the lab's own programs: those are a second archive behind the initrd (see image.ts).
set -eu
root=$1
here=$(dirname "$(readlink -f "$0")")
export LC_ALL=C
stage() { echo "wsklab-stage: $*"; }
inside() { chroot "$root" /bin/busybox env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin WINEPREFIX=/wine WINEDEBUG=-all "$@"; }
wine() { inside WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' timeout 120 /usr/lib/wine/wine64 "$@" 2>/dev/null; }
content() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1"; }

stage wine
# Wine and the kernel without their dependencies (printers, cameras, media, initramfs-tools): what is kept
# of them links to libc, libunwind and FreeType only.
packages=$root/packages
mkdir "$packages"
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: *\(linux-image-[^ ]*\)$/\1/p' | head -n 1)
(cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download wine64 libwine libz-mingw-w64 "$kernel")

stage unpack
modules=$root/modules
mkdir "$modules"
{
  echo './boot/vmlinuz*'
  content "$here/modules.txt" | sed 's,.*,./lib/modules/*/kernel/&.ko,'
} >"$packages/kept-of-kernel"
dpkg-deb --fsys-tarfile "$packages"/linux-image-*.deb | tar -x -C "$modules" --wildcards -T "$packages/kept-of-kernel"
release=$(ls "$modules/lib/modules")
dpkg-deb --fsys-tarfile "$packages"/wine64_*.deb | tar -x -C "$root" ./usr/lib/wine/wine64 ./usr/lib/wine/wineserver64
mv "$root/usr/lib/wine/wineserver64" "$root/usr/lib/wine/wineserver"
unix=./usr/lib/x86_64-linux-gnu/wine/x86_64-unix
windows=./usr/lib/x86_64-linux-gnu/wine/x86_64-windows
{
  content "$here/wine-files.txt" | sed -e "s,^.*\.so\$,$unix/&,;t" -e "s,^,$windows/,"
  echo ./usr/share/wine/wine.inf
  echo './usr/share/wine/nls/*'
} >"$packages/kept-of-wine"
dpkg-deb --fsys-tarfile "$packages"/libwine_*.deb | tar -x -C "$root" --wildcards -T "$packages/kept-of-wine"
dpkg-deb --fsys-tarfile "$packages"/libz-mingw-w64_*.deb |
  tar -x -O ./usr/x86_64-w64-mingw32/lib/zlib1.dll >"$root/$windows/zlib1.dll"
# Wine's PE files carry DWARF: three quarters of their size. The objcopy of Debian's binutils knows PE. Sections
# stay aligned to pages in the file: otherwise Wine reads them instead of mapping them, so that no two processes
# share a page, and an emulator has to translate the same code again for each (three times slower).
for file in "$root/$windows"/*.dll "$root/$windows"/*.exe "$root/$windows"/*.sys; do
  objcopy --strip-debug --file-alignment 4096 "$file"
done
mkdir "$root/artifacts"
ls "$packages" "$root/var/cache/apt/archives" | sed -n 's/\.deb$//p' | sort >"$root/artifacts/packages"
rm -rf "$packages"

stage system
for applet in $(inside busybox --list); do
  [ -e "$root/bin/$applet" ] || [ -e "$root/usr/bin/$applet" ] || [ -e "$root/sbin/$applet" ] || ln -s busybox "$root/bin/$applet"
done
ln -s /bin/busybox "$root/sbin/init"
cp -r "$here/root/." "$root/"
mkdir -p "$root/run" "$root/root" "$root/C:/lab" "$root/wine/dosdevices"
inside ldconfig

stage prefix
# C: is a directory of that name, so that SFTP paths (/C:/lab/x) are those of Windows' OpenSSH.
ln -s /C: "$root/wine/drive_c"
ln -s /C: "$root/wine/dosdevices/c:"
ln -s / "$root/wine/dosdevices/z:"
# Without FreeType, which is needed later to keep Wine from complaining of its absence: with it, every process
# of the set-up wants a desktop, and starts explorer.exe (which is not in this image) for it, without end.
mkdir "$root/later"
mv "$root"/usr/lib/x86_64-linux-gnu/libfreetype.so.* "$root/later/"
# Its exit code is that of a start.exe which does not find zlib1.dll yet; what counts is what it made.
wine wineboot.exe --init || true
mv "$root"/later/* "$root/usr/lib/x86_64-linux-gnu/"
rmdir "$root/later"
# Not one of Wine's own modules, so that it is looked for like any program's.
mv "$root/$windows/zlib1.dll" "$root/C:/windows/system32/"
cp "$here/prefix.reg" "$root/C:/lab/"
wine regedit.exe /S 'C:\lab\prefix.reg'
rm "$root/C:/lab/prefix.reg"
# Writes the registry to its files.
inside timeout 120 /usr/lib/wine/wineserver -k
inside timeout 120 /usr/lib/wine/wineserver -w
grep -q 'Services.*MountMgr' "$root/wine/system.reg"
# Wine would otherwise compare its set-up file's date with this at every start, and set up again.
echo disable >"$root/wine/.update-timestamp"

stage initrd
initrd=$root/initrd
mkdir -p "$initrd/bin" "$initrd/modules" "$initrd/newroot" "$initrd/proc" "$initrd/dev"
cp "$root/bin/busybox" "$initrd/bin/"
install -m 755 "$here/initrd-init" "$initrd/init"
order=10
content "$here/modules.txt" | while read -r module; do
  cp "$modules/lib/modules/$release/kernel/$module.ko" "$initrd/modules/$order-$(basename "$module").ko"
  order=$((order + 1))
done
mv "$modules/boot/vmlinuz-$release" "$root/artifacts/vmlinuz"
(cd "$initrd" && find . | sort | ./bin/busybox cpio -o -H newc 2>/dev/null) >"$root/artifacts/initrd"
rm -rf "$initrd" "$modules"

stage disk
# Beside the root, because mke2fs -d would put the disk into itself.
artifacts=$root.artifacts
mv "$root/artifacts" "$artifacts"
rm -rf "$root/var/cache" "$root/var/lib/apt" "$root/usr/lib/x86_64-linux-gnu/gconv" "$root/usr/lib/systemd"
for folder in bug doc i18n lintian locale man perl5 zoneinfo; do rm -rf "$root/usr/share/$folder"; done
# mmdebstrap mounts these for its hooks and unmounts them afterwards if they are still there.
for mounted in "$root/proc" "$root/sys" "$root/dev/pts" "$root/dev/shm"; do umount -l "$mounted" 2>/dev/null || true; done
# Where there are no rights to make devices, mmdebstrap leaves no /dev: the guest's own is mounted there.
mkdir -p "$root/dev"
mke2fs -q -F -t ext4 -O ^has_journal -m 0 -L wsklab -d "$root" "$root.ext4" 512M
# qcow2, because copies of it stay sparse.
qemu-img convert -f raw -O qcow2 "$root.ext4" "$artifacts/disk.qcow2"
rm "$root.ext4"
mv "$artifacts" "$root/artifacts"
