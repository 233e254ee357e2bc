"""What is installed is what people need, and it works on every Python that is here."""

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.about import TAPS
from tests.packaging.pythons import pythons
from tests.support import ROOT, Run

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = {"rest_tap", "tap_circleci", "tap_confluence", "tap_gitbook"}
PYTHONS = pythons()


def test_the_wheel_holds_the_taps_and_nothing_else(distribution):
    (wheel,) = distribution.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert sum(name.endswith("licenses/LICENSE") for name in names) == 1


def test_the_sdist_holds_what_the_wheel_is_built_from(distribution):
    (sdist,) = distribution.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/")[1] for name in archive.getnames()}
    files = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO"}
    assert names - {".gitignore"} == PACKAGES | files


def test_the_version_stands_in_one_place(distribution):
    """What the files are called, and what the taps say, comes from pyproject.toml alone."""
    version = PROJECT["version"]
    for file in distribution.iterdir():
        assert file.name.startswith(f"devdocs_taps-{version}")
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            assert f'"{version}"' not in module.read_text(), f"{module} repeats the version"


@pytest.mark.parametrize("python", PYTHONS)
def test_each_tap_reads_a_site_where_only_the_wheel_is_installed(
    distribution, sites, tmp_path, python
):
    (wheel,) = distribution.glob("*.whl")
    venv = tmp_path / "venv"
    uv("venv", "--quiet", "--python", PYTHONS[python], venv)
    uv("pip", "install", "--quiet", "--python", venv / "bin" / "python", wheel)
    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = pool.map(lambda tap: try_tap(venv, sites[tap], tap), TAPS)
    for tap, run in zip(TAPS, runs, strict=True):
        assert run.status == 0, f"{tap}: {run.stderr}"
        assert len({record["stream"] for record in run.of("RECORD")}) > 15, tap
        assert run.state["bookmarks"], tap
        assert f"{tap} v{PROJECT['version']}" in run.stderr


def test_stream_maps_invent_values_where_the_extra_is_installed(distribution, sites, tmp_path):
    (wheel,) = distribution.glob("*.whl")
    uv("venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", python, f"{wheel}[faker]")
    maps = {"stream_maps": {"org_members": {"name": "fake.name()"}}, "faker_config": {"seed": 1}}
    run = try_tap(tmp_path / "venv", {**sites["tap-gitbook"], **maps}, "tap-gitbook")
    assert run.status == 0, run.stderr
    names = [member["name"] for member in run.records("org_members")]
    assert names
    assert all(isinstance(name, str) and " " in name for name in names)


def try_tap(venv: Path, config: dict, tap: str) -> Run:
    """Let a tap tell of itself, then read a site, far from the repository."""
    program = venv / "bin" / tap
    folder = venv.parent / tap
    folder.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def call(*arguments):
        return subprocess.run(
            [program, *arguments], cwd=folder, env=environment, capture_output=True, check=False
        )

    about = call("--about", "--format=json")
    assert json.loads(about.stdout)["version"] == PROJECT["version"], about.stderr
    file = folder / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(config))
    done = call("--config", file)
    return Run(done.stdout, done.stderr.decode(), done.returncode)


def uv(*arguments):
    """Run uv, as a developer of this project has it."""
    program = Path(sys.executable).with_name("uv")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
