"""Makes the bundles (MCPB) that Claude Desktop installs by a double click: one a server, for the system it runs on.

usage: pack.py FOLDER_OF_BINARIES OUT    e.g. python examples/deploy/mcpb/pack.py target/release target/mcpb

Needs the official packer on PATH: npm install --global @anthropic-ai/mcpb
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
SYSTEM = {"Darwin": "darwin", "Linux": "linux", "Windows": "win32"}[platform.system()]
ENDING = ".exe" if SYSTEM == "win32" else ""


def manifest(name, about, shared, version):
    """The manifest of one server: what all share, with its own words."""
    program = f"server/{name}{ENDING}"
    return shared | about | {
        "name": name,
        "version": version,
        "compatibility": {"platforms": [SYSTEM]},
        "server": {
            "type": "binary",
            "entry_point": program,
            "mcp_config": {
                "command": f"${{__dirname}}/{program}",
                "args": [],
                # What a person leaves empty counts as not set.
                "env": {"MG_ROLE": "viewer", "MG_CONFIG": "${user_config.config}", "MG_LANG": "${user_config.lang}"},
            },
        },
    }


def pack(name, content, binaries, out):
    packer = shutil.which("mcpb") or sys.exit("mcpb is not on PATH: npm install --global @anthropic-ai/mcpb")
    with tempfile.TemporaryDirectory() as folder:
        server = Path(folder, "server")
        server.mkdir()
        shutil.copy2(binaries / f"{name}{ENDING}", server)
        file = Path(folder, "manifest.json")
        file.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
        subprocess.run([packer, "validate", str(file)], check=True, stdout=sys.stderr)
        subprocess.run([packer, "pack", folder, str(out / f"{name}.mcpb")], check=True, stdout=sys.stderr)


def main(binaries, out):
    words = json.loads((HERE / "servers.json").read_text(encoding="utf-8"))
    workspace = tomllib.loads((HERE.parents[2] / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    out.mkdir(parents=True, exist_ok=True)
    for name, about in words["servers"].items():
        pack(name, manifest(name, about, words["shared"], workspace["package"]["version"]), binaries, out)
        print(out / f"{name}.mcpb")


main(Path(sys.argv[1]), Path(sys.argv[2]))
