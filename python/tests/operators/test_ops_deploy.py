"""Exporting models, and scoring by registered ones: the same scores as the model itself."""

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from suanzi.operators.deploy.batch_predict import batch_predict
from suanzi.operators.deploy.deploy_service import deploy_service
from suanzi.operators.deploy.model_export import model_export
from suanzi.operators.deploy.register_model import register_model
from suanzi.operators.deploy.serving_pipeline import serving_pipeline
from suanzi.operators.feature.one_hot import one_hot
from suanzi.operators.feature.standardize import standardize
from suanzi.operators.predict.predict import predict
from suanzi.operators.preprocess.impute import impute
from suanzi.operators.train.boosting import xgboost
from suanzi.operators.train.gbdt import gbdt
from suanzi.operators.train.knn import knn
from suanzi.operators.train.linear_regression import linear_regression
from suanzi.operators.train.linear_svm import linear_svm
from suanzi.sdk import Context
from suanzi.sdk.scratch import discard

X = ["income", "age", "risk"]


def stored(model: Any, folder: Path) -> tuple[Path, Context]:
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(model))
    return file, Context(input_files={"model": str(file)})


@pytest.mark.parametrize("train", [gbdt, linear_svm])
@pytest.mark.parametrize("rows", [7, 400, 1_000_000])
def test_batch_predict_equals_predict(run: Any, people: pd.DataFrame, tmp_path: Path, train: Any, rows: int) -> None:
    model = run(train, {"data": people}, x_cols=X, y_col="bad")
    ref = run(register_model, {"model": model}, stored(model, tmp_path)[1], name="m")
    found = run(batch_predict, {"model_ref": ref, "data": people}, batch_rows=rows)
    pd.testing.assert_frame_equal(found, run(predict, {"model": model, "data": people}))
    kept = run(batch_predict, {"model_ref": ref, "data": people}, keep=["city"])
    assert list(kept.columns) == ["city", *[n for n in found.columns if n not in people.columns]]


def test_a_deployment_names_service_and_model(run: Any, refused: Any) -> None:
    ref = {"name": "credit-model", "artifact": {"path": "x", "sha256": "y"}}
    found = run(deploy_service, {"model_ref": ref}, name="信用-1", concurrency=7)
    assert (found["service"], found["model"], found["concurrency"]) == ("信用-1", "credit-model", 7)
    for name in ("", "-a", "a/b", "a" * 64):
        refused(lambda name=name: run(deploy_service, {"model_ref": ref}, name=name), "can't name a service")
    refused(lambda: run(deploy_service, {"model_ref": {"name": "m", "artifact": None}}, name="a"), "does not say where")


def test_a_stored_model_that_is_gone_or_another_is_refused(
    run: Any, people: pd.DataFrame, tmp_path: Path, refused: Any
) -> None:
    model = run(gbdt, {"data": people}, x_cols=X, y_col="bad", max_iter=2)
    file, context = stored(model, tmp_path)
    ref = run(register_model, {"model": model}, context, name="credit")
    inputs = {"model_ref": ref, "data": people}
    file.write_bytes(pickle.dumps("another"))
    refused(lambda: run(batch_predict, inputs), "credit", "not the one that was registered")
    file.unlink()
    refused(lambda: run(batch_predict, inputs), "credit", "gone")
    unstored = run(register_model, {"model": model}, name="credit")
    refused(lambda: run(batch_predict, {**inputs, "model_ref": unstored}), "credit", "where it is stored")


@pytest.mark.parametrize("train", [gbdt, knn, linear_regression])
def test_a_bundle_loads_without_suanzi_and_scores_the_same(
    run: Any, people: pd.DataFrame, tmp_path: Path, train: Any
) -> None:
    model = run(train, {"data": people}, x_cols=X, y_col="bad")
    file = run(model_export, {"model": model})
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
    alone = joblib.load(tmp_path / "model.joblib")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert type(alone).__module__.startswith("sklearn.")
    assert manifest["columns"] == X
    np.testing.assert_array_equal(alone.predict(people[manifest["columns"]]), model.predict(people))
    discard(file)
    assert not file.parent.exists()
    single = run(model_export, {"model": model}, format="joblib")
    np.testing.assert_array_equal(joblib.load(single).predict(people[X]), model.predict(people))
    discard(single)


def test_a_boosting_librarys_estimator_is_exported_as_such(run: Any, people: pd.DataFrame) -> None:
    pytest.importorskip("xgboost")
    model = run(xgboost, {"data": people}, x_cols=X, y_col="bad", n_estimators=3)
    file = run(model_export, {"model": model}, format="joblib")
    alone = joblib.load(file)
    assert type(alone).__module__.startswith("xgboost.")
    np.testing.assert_array_equal(alone.predict(people[X].to_numpy()), model.predict(people))
    discard(file)


@pytest.mark.parametrize("train", [gbdt, knn, linear_regression])
def test_onnx_gives_the_same_scores(run: Any, people: pd.DataFrame, train: Any) -> None:
    pytest.importorskip("skl2onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    model = run(train, {"data": people}, x_cols=X, y_col="bad")
    file = run(model_export, {"model": model, "data": people}, format="onnx", tolerance=1e-3)
    session = onnxruntime.InferenceSession(file.read_bytes())
    assert json.loads(session.get_modelmeta().custom_metadata_map["suanzi.columns"]) == X
    found = session.run(None, {"input": people[X].to_numpy(dtype="float32")})[0].ravel()
    np.testing.assert_allclose(found, model.predict(people), atol=1e-3)
    discard(file)


def test_an_onnx_model_that_differs_is_refused(run: Any, people: pd.DataFrame, refused: Any) -> None:
    pytest.importorskip("skl2onnx")
    model = run(linear_regression, {"data": people}, x_cols=X, y_col="amount")
    inputs = {"model": model, "data": people}
    refused(lambda: run(model_export, inputs, format="onnx", tolerance=1e-15), "differs", "single precision")


def test_what_onnx_does_not_know_is_refused(run: Any, people: pd.DataFrame, refused: Any) -> None:
    pytest.importorskip("skl2onnx")
    model = run(xgboost, {"data": people}, x_cols=X, y_col="bad", n_estimators=2)
    refused(lambda: run(model_export, {"model": model}, format="onnx"), "can't be written as ONNX", "Boosted")


STEPS = [(impute, {"columns": ["gaps"]}), (one_hot, {"columns": ["city"]}), (standardize, {"columns": ["income"]})]


def trained_behind_steps(run: Any, people: pd.DataFrame, train: Any) -> tuple[Any, list[Any]]:
    frame, steps = people, []
    for op, params in STEPS:
        frame, step = run(op, {"data": frame}, **params)
        steps.append(step)
    x = ["income", "age", "gaps", *[name for name in frame.columns if name.startswith("city_")]]
    return run(train, {"data": frame}, x_cols=x, y_col="bad"), steps


@pytest.mark.parametrize("train", [gbdt, linear_svm])
def test_a_serving_pipeline_takes_raw_rows(run: Any, people: pd.DataFrame, tmp_path: Path, train: Any) -> None:
    model, steps = trained_behind_steps(run, people, train)
    inputs = {"model": model, "transforms": steps, "data": people}
    bundle, metrics = run(serving_pipeline, inputs, rows=300)
    assert metrics["metrics"]["rows_compared"] == 300 and metrics["metrics"]["max_difference"] <= 1e-9
    assert set(bundle.columns) == {"gaps", "city", "income", "age"}
    frame = people
    for step in steps:
        frame = step.transform(frame)
    expected = run(predict, {"model": model, "data": frame})
    ref = run(register_model, {"model": bundle}, stored(bundle, tmp_path)[1], name="served")
    for found in (
        run(predict, {"model": bundle, "data": people}),
        run(batch_predict, {"model_ref": ref, "data": people}, batch_rows=33),
    ):
        np.testing.assert_array_equal(found["predict_result"], expected["predict_result"])
        np.testing.assert_allclose(found["predict_score"], expected["predict_score"], atol=1e-9)
        assert list(found["city"]) == list(people["city"])


def test_a_serving_pipeline_that_scores_otherwise_is_refused(run: Any, people: pd.DataFrame, refused: Any) -> None:
    model, steps = trained_behind_steps(run, people, gbdt)
    steps[-1].apply = by_the_rows_beside
    inputs = {"model": model, "transforms": steps, "data": people}
    refused(lambda: run(serving_pipeline, inputs), "differ", "400 rows")
    refused(lambda: run(serving_pipeline, {"model": model}), "'transforms'")
    refused(lambda: run(serving_pipeline, {**inputs, "model": model.estimator}), "doesn't say which columns")
    refused(
        lambda: run(
            predict,
            {
                "model": run(serving_pipeline, {"model": model, "transforms": steps[:2]})[0],
                "data": people.drop(columns="city"),
            },
        ),
        "'city'",
    )


def by_the_rows_beside(step: Any, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(income=frame["income"] - frame["income"].mean())
