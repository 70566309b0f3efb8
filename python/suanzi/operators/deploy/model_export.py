"""`model_export`: a trained model as a file that other programs read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.deploy.onnx_file import check_parity, onnx_bytes
from suanzi.sdk import File, Model, OperatorError, Param, Port, Table, TrainedModel, model_manifest, operator
from suanzi.sdk.scratch import scratch_folder

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Export Model (ONNX / joblib)",
    name_zh="模型导出",
    category="deploy",
    doc_en="Writes the model as a file. bundle: a ZIP with model.joblib (the scikit-learn estimator alone, loadable "
    "without Suanzi) and manifest.json (columns, classes, versions). joblib: the estimator alone. onnx: for any ONNX "
    "runtime; needs skl2onnx. A connected table is scored both ways, and a difference beyond the tolerance refused.",
    doc_zh="将模型写成文件。bundle：ZIP，含 model.joblib（仅 scikit-learn 估计器，无需本平台即可加载）与 manifest.json"
    "（列、类别、版本）；joblib：仅估计器；onnx：供任意 ONNX 运行时使用，需要 skl2onnx。"
    "若连接数据表，则两种方式各评分一次，差异超出容差即拒绝。",
)
def model_export(
    model: Model,
    data: Table | None = None,
    *,
    format: Annotated[
        Literal["bundle", "joblib", "onnx"],
        Param(label_en="Format", label_zh="格式", help_en="Of the file.", help_zh="文件格式。"),
    ] = "bundle",
    tolerance: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Tolerance",
            label_zh="容差",
            help_en="Largest difference of a probability or (relative) value, for onnx with a table.",
            help_zh="概率或（相对）数值的最大允许差异，用于 onnx 且连接了数据表时。",
        ),
    ] = 1e-4,
) -> Annotated[File, Port(help_en="The model's file.", help_zh="模型文件。")]:
    estimator = model.estimator if isinstance(model, TrainedModel) else model
    if not callable(getattr(estimator, "predict", None)):
        raise OperatorError(f"a {type(model).__name__} is not a model: it has no predict()", "connect a trained model")
    manifest = model_manifest(model)
    folder = scratch_folder()
    if format == "onnx":
        return _onnx(folder, estimator, manifest, data, tolerance)
    plain = getattr(estimator, "plain", lambda: estimator)()
    if format == "joblib":
        return _joblib(folder, plain)
    target = folder / "model.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        # Entries without times: the same model gives the same bytes.
        archive.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.writestr(zipfile.ZipInfo("model.joblib"), _joblib(folder, plain).read_bytes())
    return target


def _joblib(folder: Path, estimator: Any) -> Path:
    import joblib

    target = folder / "model.joblib"
    joblib.dump(estimator, target, compress=3)
    return target


def _onnx(folder: Path, estimator: Any, manifest: dict[str, Any], data: pd.DataFrame | None, tolerance: float) -> Path:
    columns = manifest["columns"]
    if columns is None:
        raise OperatorError("the model does not say which columns it takes", "train it by a training operator")
    content = onnx_bytes(estimator, columns, manifest)
    if data is not None:
        check_parity(content, estimator, columns, data, tolerance)
    target = folder / "model.onnx"
    target.write_bytes(content)
    return target
