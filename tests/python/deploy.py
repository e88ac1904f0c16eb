"""What can be known of examples/deploy and the workflows without running them.

usage: deploy.py ROOT_OF_THE_CHECKOUT
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(sys.argv[1])
DEPLOY = ROOT / "examples/deploy"
SERVERS = {"sql", "kpi", "scrape", "airflow"}
OURS = re.compile(r"\bMG_[A-Z_]+\b")


def settings():
    """The variables that docs/configuration.md tells."""
    return set(OURS.findall((ROOT / "docs/configuration.md").read_text(encoding="utf-8")))


def check_settings(compose):
    """Each variable of a server is a setting, or what mg.toml takes by ${NAME}."""
    known = settings()
    for name, service in compose["services"].items():
        if name not in SERVERS:
            continue
        variables = service["environment"]
        file = DEPLOY / Path(variables["MG_CONFIG"]).name
        taken = set(re.findall(r"\$\{(\w+)\}", file.read_text(encoding="utf-8")))
        strange = set(variables) - known - taken
        assert not strange, f"{name}: {strange} is neither a setting nor taken by {file.name}"
        missing = taken - set(variables)
        assert not missing, f"{name}: {file.name} takes {missing}, which is not given"


def check_rooms(compose):
    """Servers write nothing but their data folder, keep no right, publish no port; the database is not outside."""
    for name, service in compose["services"].items():
        if name in SERVERS | {"schema"}:
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
            assert "no-new-privileges:true" in service["security_opt"], name
        assert ("ports" in service) == (name == "proxy"), f"{name}: only the proxy is reached from outside"
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"]


def check_files(compose):
    """What is mounted is there, and what is asked of the person stands in .env.example."""
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            there = (DEPLOY / source).is_file() if source.startswith(".") else source in compose["volumes"]
            assert there, f"{name}: {source} is not there"
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    given = set(re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == given, f"compose.yaml asks for {asked ^ given}, .env.example does not, or the other way round"


def check_proxy():
    """Each server is reached under its path and nothing else is passed on to it."""
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    for name in SERVERS:
        paths = f"@{name} path /{name}/mcp /.well-known/oauth-protected-resource/{name}/mcp"
        assert paths in text and f"reverse_proxy @{name} {name}:8811" in text, name


def check_image():
    """The last stage is no root's and brings every program."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM "):]
    user = re.search(r"^USER (\d+)", last, re.MULTILINE)
    assert user and int(user.group(1)) > 0
    for name in SERVERS:
        assert f"target/release/mg-{name}" in text, name


def check_workflows():
    """Well formed, with actions pinned to a commit and no rights by default."""
    files = sorted((ROOT / ".github/workflows").glob("*.yml"))
    assert len(files) >= 2, files
    for file in files:
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, file
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert re.search(r"@[0-9a-f]{40}$", step["uses"]) if "uses" in step else step["run"], step


def main():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert SERVERS <= set(compose["services"])
    check_settings(compose)
    check_rooms(compose)
    check_files(compose)
    check_proxy()
    check_image()
    check_workflows()


main()
