"""Unpacks what scripts/bundle made, and checks that it is all there and works from where it lies.
check_bundle.py archive|package FILE VERSION
check_bundle.py app FOLDER VERSION PROCESSORS
"""

import json
import os
import plistlib
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PROGRAMS = {"codex-bridge", "codex-bridge-mcp"}
PROCESSORS = {0x0100000C: "arm64", 0x01000007: "x86_64"}
USED = ("Desktop", "Documents", "Downloads")


def same(what: str, found: object, expected: object) -> None:
    if found != expected:
        sys.exit(f"error: {what}: {found!r} in place of {expected!r}")


def files(top: Path) -> dict[str, int]:
    """All files with their rights."""
    found = (path for path in top.rglob("*") if not path.is_dir())
    return {str(path.relative_to(top)): path.stat().st_mode & 0o777 for path in found}


def linux_tree(top: Path, version: str) -> None:
    """What lies below /usr, or below a folder of the person's."""
    icons = {f"share/icons/hicolor/{n}x{n}/apps/codex-bridge.png" for n in (32, 128, 256)}
    texts = {"share/applications/codex-bridge.desktop", "share/doc/codex-bridge/copyright", "share/doc/codex-bridge/README.md"}
    expected = {f"bin/{program}": 0o755 for program in PROGRAMS} | dict.fromkeys(icons | texts, 0o644)
    same("the files", files(top), expected)
    entry = (top / "share/applications/codex-bridge.desktop").read_text()
    for line in ("Exec=codex-bridge %u", "Icon=codex-bridge", "MimeType=x-scheme-handler/codex-bridge;"):
        same(line, line in entry.splitlines(), True)
    sidecar = top / "bin/codex-bridge-mcp"
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": "/usr/bin:/bin"}

        def run(*args: str) -> str:
            return subprocess.run([sidecar, *args], env=env, check=True, capture_output=True, text=True, timeout=60).stdout

        same("the version", run("--version").split()[-1], version)
        run("install", "claude-desktop")
        written = json.loads((Path(home) / ".config/Claude/claude_desktop_config.json").read_text())
        same("the program in the entry", written["mcpServers"]["codex-bridge"]["command"], str(sidecar))


def archive(file: Path, version: str, top: Path) -> None:
    with tarfile.open(file) as packed:
        owners = {(member.uid, member.gid) for member in packed.getmembers()}
        same("the owners", owners, {(0, 0)})
        packed.extractall(top, filter="tar") if hasattr(tarfile, "tar_filter") else packed.extractall(top)
    linux_tree(top / f"codex-bridge-{version}", version)


def package(file: Path, version: str, top: Path) -> None:
    same("the version", field(file, "Version"), version)
    depends = field(file, "Depends")
    for library in ("libc6", "libwebkit2gtk-4.1-0", "libgtk-3-0", "libayatana-appindicator3-1"):
        same(f"{library} is wanted", library in depends, True)
    listed = subprocess.run(["dpkg-deb", "--contents", file], check=True, capture_output=True, text=True).stdout
    same("the owners", {line.split()[1] for line in listed.splitlines()}, {"root/root"})
    subprocess.run(["dpkg-deb", "--extract", file, top], check=True)
    linux_tree(top / "usr", version)


def field(file: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "--field", file, name], check=True, capture_output=True, text=True).stdout.strip()


def processors(program: Path) -> set[str]:
    """For which kinds of processor it is, with each part where its page begins."""
    data = program.read_bytes()
    if data[:4] == b"\xca\xfe\xba\xbe":
        count = struct.unpack(">I", data[4:8])[0]
        parts = [struct.unpack(">IIIII", data[8 + 20 * n : 28 + 20 * n]) for n in range(count)]
    else:
        parts = [(struct.unpack("<I", data[4:8])[0], 0, 0, len(data), 0)]
    for processor, _, at, length, align in parts:
        same("the place of a part", at % (1 << align), 0)
        same("the whole of a part", at + length <= len(data), True)
        same("the kind of a part", struct.unpack("<II", data[at : at + 8]), (0xFEEDFACF, processor))
    return {PROCESSORS[part[0]] for part in parts}


def app(folder: Path, version: str, count: str) -> None:
    contents = folder / "Contents"
    expected = {"Info.plist": 0o644, "PkgInfo": 0o644, "Resources/icon.icns": 0o644}
    expected |= {f"MacOS/{program}": 0o755 for program in PROGRAMS}
    found = {path: mode for path, mode in files(contents).items() if not path.startswith("_CodeSignature/")}
    same("the files", found, expected)
    plist = plistlib.loads((contents / "Info.plist").read_bytes())
    for key, value in {
        "CFBundleExecutable": "codex-bridge",
        "CFBundleIdentifier": "io.github.codex-bridge",
        "CFBundleShortVersionString": version,
        "CFBundlePackageType": "APPL",
        "LSUIElement": True,
        "NSSupportsAutomaticTermination": False,
        "NSSupportsSuddenTermination": False,
        "LSMinimumSystemVersion": "13.0",
    }.items():
        same(key, plist.get(key), value)
    same("the address", plist["CFBundleURLTypes"][0]["CFBundleURLSchemes"], ["codex-bridge"])
    for place in USED:
        same(f"a word about {place}", len(plist[f"NS{place}FolderUsageDescription"]) > 10, True)
    same("the icon", (contents / "Resources" / plist["CFBundleIconFile"]).read_bytes()[:4], b"icns")
    kinds = [processors(contents / "MacOS" / program) for program in PROGRAMS]
    same("the kinds of processor", [len(kinds[0]), kinds[0] == kinds[1]], [int(count), True])


what, path, *more = sys.argv[1:]
os.umask(0o022)
if what == "app":
    app(Path(path), *more)
else:
    with tempfile.TemporaryDirectory() as top:
        {"archive": archive, "package": package}[what](Path(path), *more, Path(top).resolve())
print(f"{Path(path).name} is as it should be", file=sys.stderr)
