# Shared by the scripts beside it: installs what is missing and says so. Sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
tools="$root/target/tools"

rust_minimum=1.95
# The versions of Codex that the tests run with; the newest is the one that `scripts/run` fetches.
codex_versions="0.118.0 0.140.0 0.169.0"
codex_newest=0.169.0

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; [ -z "${2:-}" ] || say "hint: $2"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else fail "installing needs root and there is no sudo" "run as root: $*"
  fi
}

# install <Debian packages…> -- <Homebrew packages…>
install() {
  local debian=() brew=() into=debian
  for word in "$@"; do
    if [ "$word" = -- ]; then into=brew
    elif [ $into = debian ]; then debian+=("$word")
    else brew+=("$word")
    fi
  done
  if have apt-get; then
    say "installing with apt-get: ${debian[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${debian[@]}" >&2
  elif have brew; then
    say "installing with Homebrew: ${brew[*]}"
    brew install --quiet "${brew[@]}" >&2
  else
    fail "missing: ${debian[*]}" "install them with your system's package manager and run this again"
  fi
}

version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

need_c_compiler() {
  have cc && return
  if [ "$(uname)" = Darwin ]; then
    fail "no C compiler" "run: xcode-select --install"
  fi
  install build-essential --
}

need_cxx_compiler() {
  have c++ && return
  if [ "$(uname)" = Darwin ]; then
    fail "no C++ compiler" "run: xcode-select --install"
  fi
  install build-essential --
}

need_rust() {
  [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
  if ! have cargo; then
    have curl || install curl ca-certificates -- curl
    say "installing Rust with rustup into $HOME/.cargo"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c clippy -c rustfmt >&2
    . "$HOME/.cargo/env"
  fi
  local found
  found=$(rustc --version | cut -d' ' -f2)
  version_at_least "$rust_minimum" "$found" ||
    fail "Rust $found is too old: $rust_minimum is needed" "run: rustup update stable"
}

need_git() { have git || install git -- git; }
# The newest of the MCP clients wants Node.js 20; Debian 12 has 18.
need_node() {
  have npm || install nodejs npm -- node
  version_at_least 20 "$(node --version | tr -d v)" && return
  if [ ! -x "$tools/node/node_modules/node/bin/node" ]; then
    say "fetching Node.js 22 from npm into target/tools: the system's is too old"
    npm install --prefix "$tools/node" --no-audit --no-fund --no-save --loglevel=error node@22 >&2
  fi
  export PATH="$tools/node/node_modules/node/bin:$PATH"
}

# Puts a Codex version into target/tools and prints the path of its launcher.
fetch_codex() {
  local version=$1 dir="$tools/codex-$1"
  if [ ! -x "$dir/node_modules/.bin/codex" ]; then
    need_node
    say "fetching Codex $version from npm into target/tools"
    mkdir -p "$dir"
    npm install --prefix "$dir" --no-audit --no-fund --no-save --loglevel=error "@openai/codex@$version" >&2
  fi
  printf '%s\n' "$dir/node_modules/.bin/codex"
}

# What the app is built with. macOS brings it along.
need_webkit() {
  [ "$(uname)" = Darwin ] && return
  pkg-config --exists webkit2gtk-4.1 ayatana-appindicator3-0.1 2>/dev/null ||
    install pkg-config libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev --
}

# Builds the page that the app carries.
need_ui() {
  need_node
  npm ci --prefix ui --no-audit --no-fund --loglevel=error >&2
  npm run --prefix ui build >&2
}

# The desk on which the app is tried: a display, a tray, a keyring, hands and eyes. Linux only.
need_desk() {
  local missing=()
  # want <program> <package>
  want() { have "$1" || missing+=("$2"); }
  want Xvfb xvfb
  want xdotool xdotool
  want dbus-daemon dbus
  want openbox openbox
  want xfce4-panel xfce4-panel
  want xfconf-query xfconf
  want gnome-keyring-daemon gnome-keyring
  want secret-tool libsecret-tools
  want import imagemagick
  want WebKitWebDriver webkit2gtk-driver
  [ -d /usr/share/fonts/truetype/dejavu ] || missing+=(fonts-dejavu-core)
  [ -d /usr/share/icons/Adwaita ] || missing+=(adwaita-icon-theme)
  [ -d /usr/share/icons/hicolor ] || missing+=(hicolor-icon-theme)
  [ ${#missing[@]} = 0 ] || install "${missing[@]}" --
  local driver="$tools/tauri-driver-2.1.0"
  if [ ! -x "$driver/bin/tauri-driver" ]; then
    say "building tauri-driver 2.1.0 into target/tools"
    # Built for speed of building: it hands on what others do.
    CARGO_TARGET_DIR="$tools/build" cargo install --quiet --locked --debug --root "$driver" tauri-driver@2.1.0 >&2
    rm -rf "$tools/build"
  fi
}
