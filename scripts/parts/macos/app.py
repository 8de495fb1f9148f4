"""Puts the app for macOS together, the same on a Mac and elsewhere: programs, property list, icon.
app.py ROOT VERSION APP FOLDER…    each FOLDER has both programs, for one kind of processor or for both
"""

import json
import plistlib
import shutil
import struct
import sys
from pathlib import Path

PROGRAMS = ("codex-bridge", "codex-bridge-mcp")
# A Mach-O file for 64 bits begins so, and one that holds several (in the other byte order) so.
MACH_O, UNIVERSAL = 0xFEEDFACF, 0xCAFEBABE
# The system maps each part by pages, of at most this size.
ALIGN = 14


def universal(parts: list[bytes]) -> bytes:
    """One file of several programs, as lipo makes it."""
    if len(parts) == 1:
        return parts[0]
    head = struct.pack(">II", UNIVERSAL, len(parts))
    body = bytearray()
    start = 1 << ALIGN
    for part in parts:
        magic, processor, kind = struct.unpack("<III", part[:12])
        if magic != MACH_O:
            sys.exit("error: not a program for macOS")
        at = start + len(body)
        head += struct.pack(">IIIII", processor, kind, at, len(part), ALIGN)
        body += part + b"\0" * (-len(part) % (1 << ALIGN))
    return head.ljust(start, b"\0") + bytes(body)


def property_list(root: Path, version: str) -> dict:
    """What src-tauri says, in the system's words."""
    conf = json.loads((root / "src-tauri/tauri.conf.json").read_text())
    own = plistlib.loads((root / "src-tauri/Info.plist").read_bytes())
    name = conf["productName"]
    schemes = conf["plugins"]["deep-link"]["desktop"]["schemes"]
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleDisplayName": name,
        "CFBundleExecutable": PROGRAMS[0],
        "CFBundleIconFile": "icon.icns",
        "CFBundleIdentifier": conf["identifier"],
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": name,
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version,
        "CFBundleURLTypes": [{"CFBundleURLName": conf["identifier"], "CFBundleURLSchemes": schemes}],
        "CFBundleVersion": version,
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSMinimumSystemVersion": conf["bundle"]["macOS"]["minimumSystemVersion"],
        "NSHighResolutionCapable": True,
        **own,
    }


def main(root: Path, version: str, app: Path, *folders: Path) -> None:
    shutil.rmtree(app, ignore_errors=True)
    contents = app / "Contents"
    for folder in ("MacOS", "Resources"):
        (contents / folder).mkdir(parents=True)
    for program in PROGRAMS:
        file = contents / "MacOS" / program
        file.write_bytes(universal([(folder / program).read_bytes() for folder in folders]))
        file.chmod(0o755)
    shutil.copyfile(root / "icons/icon.icns", contents / "Resources/icon.icns")
    (contents / "PkgInfo").write_text("APPL????")
    (contents / "Info.plist").write_bytes(plistlib.dumps(property_list(root, version)))


root, version, *paths = sys.argv[1:]
main(Path(root), version, *map(Path, paths))
