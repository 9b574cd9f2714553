#!/bin/sh
# Qt needs a few shared libraries that a bare Linux may lack. Debian's are installed where we may; else we say which.
set -u
[ "$(uname -s)" = Linux ] || exit 0
command -v ldconfig >/dev/null 2>&1 || PATH="$PATH:/sbin:/usr/sbin"
have=$(ldconfig -p 2>/dev/null)
packages=""
need() { case "$have" in *"$1"*) ;; *) packages="$packages $2" ;; esac; }
need libEGL.so.1 libegl1
need libGL.so.1 libgl1
need libxkbcommon.so.0 libxkbcommon0
need libfontconfig.so.1 libfontconfig1
need libdbus-1.so.3 libdbus-1-3
need libglib-2.0.so.0 libglib2.0-0
need libxcb-cursor.so.0 libxcb-cursor0
need libxkbcommon-x11.so.0 libxkbcommon-x11-0
need libxcb-icccm.so.4 libxcb-icccm4
need libxcb-keysyms.so.1 libxcb-keysyms1
need libxcb-image.so.0 libxcb-image0
need libxcb-render-util.so.0 libxcb-render-util0
need libxcb-shape.so.0 libxcb-shape0
need libxcb-randr.so.0 libxcb-randr0
need libxcb-xkb.so.1 libxcb-xkb1
[ -z "$packages" ] && exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
    echo "安装 Qt 需要的系统库：$packages"
    # shellcheck disable=SC2086  # a list of words
    $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null && exit 0
fi
echo "缺少 Qt 需要的系统库，窗口可能打不开。请安装（Debian/Ubuntu/统信/麒麟的包名）：$packages" >&2
exit 0
