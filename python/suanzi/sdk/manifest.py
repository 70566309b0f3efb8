"""Writes manifests: what the engine knows of operators without starting Python. `python -m suanzi.sdk.manifest --help`.

The Rust side of the same contract is `crates/operator/src/manifest.rs`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from suanzi.sdk import discovery
from suanzi.sdk.imports import may_import_sklearn
from suanzi.sdk.source_hash import hash_sources

MANIFEST_VERSION = 1
MANIFEST_FILE = "manifest.json"


def build(found: discovery.Found, root: Path) -> dict[str, Any]:
    """The manifest of what was found below `root`."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "source_hash": hash_sources(root),
        "operators": [
            {**found.operators[name].spec(), "sklearn": may_import_sklearn(found.operators[name], root)}
            for name in sorted(found.operators)
        ],
        "errors": [fault.to_json() for fault in found.faults],
    }


def of_package(name: str) -> dict[str, Any]:
    """The manifest of an installed package."""
    return build(discovery.of_package(name), discovery.package_root(name))


def of_directory(directory: Path) -> dict[str, Any]:
    """The manifest of a folder of operators."""
    return build(discovery.of_directory(directory), directory.resolve())


def of_entry_points() -> list[dict[str, Any]]:
    """One manifest per distribution that offers operators, each with its `distribution` and `package`."""
    manifests = []
    for distribution, package in discovery.entry_point_packages():
        try:
            manifest = of_package(package)
        except ModuleNotFoundError as error:
            fault = discovery.ImportFault(package, None, str(error))
            manifest = {"manifest_version": MANIFEST_VERSION, "source_hash": "", "operators": []}
            manifest["errors"] = [fault.to_json()]
        manifests.append({"distribution": distribution, "package": package, **manifest})
    return manifests


IMPLIED = {"required": False, "nullable": False, "default": None, "advanced": False, "legacy": False}
"""What a parameter is when the manifest doesn't say."""
IMPLIED_OF_PORTS = {"required": True, "variadic": False, "model_stands_for_table": False, "doc_en": "", "doc_zh": ""}


def render(manifest: Any) -> str:
    """JSON as it is shipped: an operator per line, without what is implied."""
    if not isinstance(manifest, dict):
        return json.dumps(manifest, ensure_ascii=False) + "\n"
    lines = [json.dumps(_slim(entry), ensure_ascii=False, separators=(",", ":")) for entry in manifest["operators"]]
    rest = {key: value for key, value in manifest.items() if key != "operators"}
    head = json.dumps(rest, ensure_ascii=False, indent=1).removesuffix("\n}")
    return head + ',\n "operators": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def _slim(entry: dict[str, Any]) -> dict[str, Any]:
    implied: dict[str, dict[str, Any]] = {"inputs": IMPLIED_OF_PORTS, "outputs": IMPLIED_OF_PORTS, "params": IMPLIED}
    return {
        key: [_without(one, implied[key]) for one in value] if key in implied else value
        for key, value in entry.items()
        if (key, value) != ("sklearn", True)
    }


def _without(entry: dict[str, Any], implied: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k not in implied or (v is not implied[k] and v != implied[k])}


def stale(manifest: dict[str, Any], path: Path) -> str | None:
    """Why the shipped file does not fit the code, or `None`.

    One of other sources is passed over by the engine: each first start would import all operators.
    """
    try:
        shipped = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"{path} can't be read: {error}"
    old = {entry["algo_name"]: entry for entry in shipped.get("operators", [])}
    new = {entry["algo_name"]: entry for entry in json.loads(render(manifest))["operators"]}
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if changed:
        return f"{path} is stale for: {', '.join(changed)}"
    if shipped.get("source_hash") != manifest["source_hash"]:
        return f"{path} was made from other sources: `make manifest` makes it again"
    return None if shipped.get("manifest_version") == MANIFEST_VERSION else f"{path} has another manifest version"


@contextmanager
def _stdout_kept_clean() -> Iterator[None]:
    """What imported modules print goes to stderr, also from below Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def main(arguments: list[str] | None = None) -> int:
    """Exit 0: written, or fresh; 1: stale, or a file of the shipped package does not import."""
    parser = argparse.ArgumentParser(prog="python -m suanzi.sdk.manifest", description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--package", help="an installed package, for example suanzi.operators")
    what.add_argument("--dir", type=Path, help="a folder of modules")
    what.add_argument("--entry-points", action="store_true", help="every installed distribution that offers operators")
    parser.add_argument("--out", type=Path, help="write the manifest there instead of to stdout")
    parser.add_argument("--check", action="store_true", help="compare with the manifest that the package ships")
    options = parser.parse_args(arguments)
    if options.dir is not None and not options.dir.is_dir():
        parser.error(f"{options.dir} is not a folder")
    if options.check and options.package is None:
        parser.error("--check goes with --package")
    with _stdout_kept_clean():
        if options.package is not None:
            manifest: Any = of_package(options.package)
        else:
            manifest = of_directory(options.dir) if options.dir is not None else of_entry_points()
    if options.package is not None:
        for error in manifest["errors"]:
            print(f"{error['file']}:{error['line'] or 1}: {error['message']}", file=sys.stderr)
    if options.check:
        shipped = Path(str(sys.modules[options.package].__file__)).parent / MANIFEST_FILE
        why = stale(manifest, shipped)
        if why is not None:
            print(f"{why}\nhint: python -m suanzi.sdk.manifest --package {options.package} --out …", file=sys.stderr)
        return 1 if why is not None or manifest["errors"] else 0
    if options.out is not None:
        options.out.write_text(render(manifest), encoding="utf-8")
    else:
        sys.stdout.write(render(manifest))
    return 1 if options.package is not None and manifest["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
