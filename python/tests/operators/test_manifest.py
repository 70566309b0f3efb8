"""The manifest that ships fits the code."""

from suanzi.sdk import manifest


def test_shipped_manifest_is_fresh() -> None:
    assert manifest.main(["--package", "suanzi.operators", "--check"]) == 0
