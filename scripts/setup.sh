# SPDX-License-Identifier: Apache-2.0
# Sourced by ./run, ./test and ./check: makes .venv what the lock says, once; a second call compares one file and returns.
# Needs a POSIX shell and python3 alone. Sets $py, the environment's Python.
#
# usage: . scripts/setup.sh; ready run|dev|ci      (with the working directory at the repository's root)
# run: to use the program; dev: to test it every day; ci: the same, with a browser and what builds a bare system to install into

run_packages="python3-venv xvfb openbox fonts-dejavu-core libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libxcb-xfixes0 \
libxcb-shm0 libdbus-1-3 libfontconfig1 libglib2.0-0 libgssapi-krb5-2 libbrotli1"
dev_packages="$run_packages xauth x11-utils x11-xserver-utils xdotool xinput xterm xclip strace procps xserver-xorg-core \
xserver-xorg-video-dummy dbus trayer at-spi2-core gnome-keyring"
ci_packages="$dev_packages chromium debootstrap binutils libpython3-dev wixl msitools nsis"

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 2; }

# What is missing, found by trying it rather than by asking a package manager, so that any Linux will do.
missing_system_parts() {
    python3 - "$1" <<'PY'
import ctypes, os, shutil, sys, sysconfig
missing = []
try:
    import ensurepip, venv  # noqa: F401
except ImportError:
    missing.append("python3-venv")
libraries = {
    "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libxkbcommon-x11.so.0": "libxkbcommon-x11-0", "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4", "libxcb-image.so.0": "libxcb-image0", "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0", "libxcb-render-util.so.0": "libxcb-render-util0", "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0", "libxcb-xkb.so.1": "libxcb-xkb1", "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-shm.so.0": "libxcb-shm0", "libdbus-1.so.3": "libdbus-1-3", "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0", "libgssapi_krb5.so.2": "libgssapi-krb5-2", "libbrotlidec.so.1": "libbrotli1",
}
for library, package in libraries.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        missing.append(package)
programs = {"Xvfb": "xvfb", "openbox": "openbox"}
if sys.argv[1] != "run":
    programs |= {"xauth": "xauth", "xprop": "x11-utils", "xrandr": "x11-xserver-utils", "xdotool": "xdotool", "xinput": "xinput",
                 "xterm": "xterm", "xclip": "xclip", "strace": "strace", "ps": "procps", "Xorg": "xserver-xorg-core",
                 "dbus-run-session": "dbus", "trayer": "trayer", "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
                 "gnome-keyring-daemon": "gnome-keyring"}
if sys.argv[1] == "ci":
    programs |= {"chromium": "chromium", "debootstrap": "debootstrap", "objdump": "binutils", "wixl": "wixl",
                 "msiinfo": "msitools", "makensis": "nsis"}
    # what a frozen program brings instead of the interpreter
    shared = sysconfig.get_config_var("INSTSONAME") or ""
    if not any(os.path.exists(os.path.join(folder, shared)) for folder in map(sysconfig.get_config_var, ("LIBDIR", "LIBPL"))):
        try:
            ctypes.CDLL(shared)
        except OSError:
            missing.append("libpython3-dev")
for program, package in programs.items():
    if shutil.which(program) is None:
        missing.append(package)
print(" ".join(missing))
PY
}

install_system_parts() { # $1: run, dev or ci
    missing=$(missing_system_parts "$1") || stop "python3 does not run."
    [ -n "$missing" ] || return 0
    case $1 in run) packages=$run_packages ;; dev) packages=$dev_packages ;; *) packages=$ci_packages ;; esac
    line="apt-get update && apt-get install -y --no-install-recommends $packages"
    if ! command -v apt-get >/dev/null 2>&1; then
        stop "Missing system parts: $missing. Please install them (the names are Debian's) and call again."
    elif [ "$(id -u)" = 0 ]; then
        as=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as="sudo"
    else
        say "Missing system parts: $missing"
        stop "Please run this as an administrator, then call again:  $line"
    fi
    say "Installing system parts ($missing) ..."
    # an apt that another program holds is waited for, rather than failed on
    DEBIAN_FRONTEND=noninteractive $as apt-get -o DPkg::Lock::Timeout=400 -qq update >&2 || stop "apt-get update failed."
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as apt-get -o DPkg::Lock::Timeout=400 -o Dpkg::Use-Pty=0 -qq install -y --no-install-recommends \
        $packages >.venv.apt.log 2>&1 </dev/null || { tail -n 20 .venv.apt.log >&2; stop "apt-get install failed. The line was:  $line"; }
    rm -f .venv.apt.log
}

ready() { # $1: run, dev or ci
    if [ "$1" = run ]; then
        lock=requirements.lock nodeps=requirements-nodeps.lock
    else
        lock=requirements-dev.lock nodeps="requirements-nodeps.lock requirements-nodeps-dev.lock"
    fi
    dev_nodeps=$nodeps
    [ "$1" != ci ] || nodeps="$nodeps requirements-fuzz.lock"
    py=$PWD/.venv/bin/python
    # the environment remembers where it was made: a moved or copied one is made anew
    # shellcheck disable=SC2086
    if cat "$lock" $nodeps | cmp -s - ".venv/$1.lock" && [ "$(cat .venv/at 2>/dev/null)" = "$PWD" ]; then return 0; fi
    command -v python3 >/dev/null 2>&1 || stop "python3 is missing. Please install Python 3.11 or newer."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "Python 3.11 or newer is needed; python3 is $(python3 --version)."
    install_system_parts "$1"
    if [ "$(cat .venv/at 2>/dev/null)" != "$PWD" ] || ! "$py" -c '' 2>/dev/null; then
        rm -rf .venv
        python3 -m venv .venv || stop "python3 -m venv failed."
    fi
    say "Installing Python packages by hash from $lock ..."
    # in steps: what has only a source release (xcffib) is built with the locked build tools, and nothing is fetched unhashed
    install="$py -m pip install -q --disable-pip-version-check"
    $install --require-hashes -r requirements-build.lock >&2 || stop "pip failed."
    $install --require-hashes --no-build-isolation -r "$lock" >&2 || stop "pip failed."
    for one in $nodeps; do
        $install --require-hashes --no-build-isolation --no-deps -r "$one" >&2 || stop "pip failed."
    done
    $install --no-deps --no-build-isolation -e . >&2 || stop "pip failed."
    printf '%s' "$PWD" >.venv/at
    # shellcheck disable=SC2086
    cat "$lock" $nodeps >".venv/$1.lock"
    case $1 in
        dev) cat requirements.lock requirements-nodeps.lock >.venv/run.lock ;;
        ci)
            cat requirements.lock requirements-nodeps.lock >.venv/run.lock
            # shellcheck disable=SC2086
            cat "$lock" $dev_nodeps >.venv/dev.lock
            ;;
    esac
}
