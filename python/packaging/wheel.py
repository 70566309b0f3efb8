"""Makes one wheel of the built program and its Python package, so that `pip install` is all that an installation takes.

The pure wheel comes from setuptools; the program is put among its scripts, and its tag says which C library it needs.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/suanzi"
OUT = ROOT / "target/wheels"
MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}


def platform_tag(program: bytes) -> str:
    """PEP 600: the newest symbol version of glibc that the program asks for, and its machine by the ELF header."""
    versions = [int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", program)]
    machine = MACHINES.get(int.from_bytes(program[18:20], "little"))
    if not versions or machine is None or program[:4] != b"\x7fELF":
        sys.exit(f"{PROGRAM} is no program for Linux with glibc on {' or '.join(MACHINES.values())}")
    return f"manylinux_2_{max(versions)}_{machine}"


def main() -> None:
    if not PROGRAM.is_file():
        sys.exit(f"{PROGRAM} isn't there: `make build` makes it")
    tag = f"py3-none-{platform_tag(PROGRAM.read_bytes())}"
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        python = [sys.executable, "-m"]
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([*python, "pip", "wheel", *quiet, "--no-deps", "-w", made, str(ROOT / "python")], check=True)
        (pure,) = Path(made).glob("*.whl")
        subprocess.run([*python, "wheel", "unpack", "-d", made, str(pure)], check=True, stdout=subprocess.DEVNULL)
        (tree,) = (path for path in Path(made).iterdir() if path.is_dir())
        scripts = tree / f"{tree.name}.data/scripts"
        scripts.mkdir(parents=True)
        shutil.copy(PROGRAM, scripts / "suanzi")
        (scripts / "suanzi").chmod(0o755)
        about = tree / f"{tree.name}.dist-info/WHEEL"
        text = re.sub(r"(?m)^Root-Is-Purelib: .*$", "Root-Is-Purelib: false", about.read_text())
        about.write_text(re.sub(r"(?m)^Tag: .*$", f"Tag: {tag}", text))
        subprocess.run([*python, "wheel", "pack", "-d", str(OUT), str(tree)], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = OUT.glob("*.whl")
    print(f"{wheel.relative_to(ROOT)} ({wheel.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
