"""The generated operators on scikit-learn's bundled data: each gives what the direct call gives."""

import functools
import inspect
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn import base, datasets
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics.pairwise import linear_kernel
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from suanzi.operators.generated import kinds
from suanzi.operators.generated.constraints import OTHER_DEFAULTS
from suanzi.operators.generated.names import CLASS_OF, CLASSES, LEFT_OUT, MADE_BY_HAND, algo_name
from suanzi.operators.generated.shapes import load, shape_of
from suanzi.operators.predict.predict import predict
from suanzi.sdk import Context, OperatorError, discovery

pytestmark = pytest.mark.filterwarnings("ignore")
TEXTS = ["the cat sat", "the dog ran", "a cat and a dog", "dogs run", "cats sit", "the end"]
SMALL: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 5},
    "DictionaryLearning": {"n_components": 3, "max_iter": 5},
    "GraphicalLassoCV": {"alphas": 2, "cv": 3},
    "GradientBoostingClassifier": {"n_estimators": 5},
    "GradientBoostingRegressor": {"n_estimators": 5},
    "KNeighborsTransformer": {"n_neighbors": 3},
    "GaussianRandomProjection": {"n_components": 2},
    "MiniBatchDictionaryLearning": {"n_components": 3, "max_iter": 5},
    "MiniBatchSparsePCA": {"n_components": 2, "max_iter": 5},
    "QuantileTransformer": {"n_quantiles": 20},
    "RadiusNeighborsClassifier": {"radius": 5.0},
    "RadiusNeighborsRegressor": {"radius": 5.0},
    "SequentialFeatureSelector": {"n_features_to_select": 2, "cv": 2},
    "SparseCoder": {"dictionary": [[1.0, 0.0, 0.0, 0.0], [0.0, 0.6, 0.8, 0.0]]},
    "SparseRandomProjection": {"n_components": 2},
    "SparsePCA": {"n_components": 2, "max_iter": 5},
    "SpectralBiclustering": {"n_clusters": 2},
    "SpectralCoclustering": {"n_clusters": 2},
    "SpectralClustering": {"n_clusters": 3},
    "TSNE": {"max_iter": 250, "perplexity": 5.0},
    "TheilSenRegressor": {"max_subpopulation": 200},
    "FeatureHasher": {"n_features": 16},
    "HashingVectorizer": {"n_features": 16},
}
"""Parameters that keep a test short, or that have no default."""
BOTH_LABELS = ("FixedThresholdClassifier", "TunedThresholdClassifierCV")


@functools.cache
def flowers() -> pd.DataFrame:
    found = datasets.load_iris(as_frame=True).frame.sample(90, random_state=1).reset_index(drop=True)
    return found


@functools.cache
def patients() -> pd.DataFrame:
    return datasets.load_diabetes(as_frame=True).frame.head(100)


@functools.cache
def athletes() -> pd.DataFrame:
    return datasets.load_linnerud(as_frame=True).frame


def case(class_name: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Table, features and labels for an estimator."""
    cls = load(class_name)
    shape = shape_of(cls).name
    if class_name == "KernelCenterer":
        kernel = linear_kernel(flowers().iloc[:20, :4])
        frame = pd.DataFrame(kernel, columns=[f"k{n}" for n in range(20)])
        return frame, list(frame), []
    if class_name == "CategoricalNB":
        frame = flowers().round(0)
        return frame, list(frame)[:4], ["target"]
    if class_name in BOTH_LABELS:
        frame = flowers().query("target < 2").reset_index(drop=True)
        frame = frame.assign(target=(np.arange(len(frame)) % 3 == 0).astype(int))
        return frame, list(frame)[:4], ["target"]
    if class_name == "IsotonicRegression":
        return patients(), ["bmi"], ["target"]
    if shape == "text":
        return pd.DataFrame({"t": TEXTS}), ["t"], []
    if shape == "rows_as_maps":
        frame = pd.DataFrame({"city": ["a", "b", "a"], "n": [1.0, 2.0, 3.0]})
        return frame, list(frame), []
    if class_name == "MultiLabelBinarizer":
        return pd.DataFrame({"tags": ["x,y", "y", "z,x"]}), ["tags"], []
    if shape == "label":
        return pd.DataFrame({"l": ["b", "a", "c", "a"]}), ["l"], []
    if shape in ("several_values", "supervised_by_several"):
        return athletes(), ["Chins", "Situps", "Jumps"], ["Weight", "Waist", "Pulse"]
    if shape == "several_classes":
        frame = flowers().assign(wide=(flowers()["sepal width (cm)"] > 3).astype(int))
        return frame, list(frame)[:4], ["target", "wide"]
    if shape == "regressor":
        frame = patients()
        return frame, [n for n in frame if n != "target"], ["target"]
    return flowers(), list(flowers())[:4], ["target"]


def connected(class_name: str) -> dict[str, Any]:
    """Estimators for its inputs."""
    cls = load(class_name)
    op = getattr(kinds, algo_name(class_name))
    classes = shape_of(cls).name in ("classifier", "several_classes", "selector")
    one = LogisticRegression(max_iter=500) if classes else LinearRegression()
    other = (
        DecisionTreeClassifier(max_depth=2, random_state=0) if classes else base.clone(one).set_params(positive=True)
    )
    given: dict[str, Any] = {}
    for spec in op.inputs[1:]:
        if spec.name == "estimators":
            given[spec.name] = [one, other]
        elif spec.required:
            given[spec.name] = one
    return given


def direct(class_name: str, op: Any, given: dict[str, Any]) -> Any:
    """The estimator as somebody would make it by hand."""
    cls = load(class_name)
    options = {**OTHER_DEFAULTS.get(class_name, {}), **SMALL.get(class_name, {})}
    for name, value in given.items():
        options[name] = [(f"e{n}", base.clone(v)) for n, v in enumerate(value, 1)] if isinstance(value, list) else value
    if "random_state" in inspect.signature(cls).parameters:
        options["random_state"] = 0
    if class_name == "SparseCoder":
        options["dictionary"] = np.array(options["dictionary"])
    return cls(**{n: base.clone(v) if hasattr(v, "fit") else v for n, v in options.items()})


def params_for(class_name: str, op: Any, columns: list[str], labels: list[str]) -> dict[str, Any]:
    names = {spec.name for spec in op.params}
    found: dict[str, Any] = dict(SMALL.get(class_name, {}))
    if "column" in names:
        found["column"] = columns[0]
    if "x_cols" in names:
        found["x_cols"] = columns
    if "y_col" in names:
        found["y_col"] = labels[0]
    if "y_cols" in names:
        found["y_cols"] = labels
    return found


def dense(values: Any) -> np.ndarray:
    found = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    return found.reshape(-1, 1) if found.ndim == 1 else found


@pytest.mark.parametrize("class_name", sorted(CLASSES))
def test_equals_the_direct_call(run: Any, class_name: str) -> None:
    op = getattr(kinds, algo_name(class_name))
    shape = shape_of(load(class_name)).name
    frame, columns, labels = case(class_name)
    given = connected(class_name)
    params = params_for(class_name, op, columns, labels)
    found = run(op, {"data": frame, **given}, **params)
    alone = direct(class_name, op, given)
    # The same memory layout, which the last digits of ill-conditioned fits depend on.
    frame = pa.Table.from_pandas(frame, preserve_index=False).to_pandas(split_blocks=True)
    x: Any = frame[columns]
    y: Any = frame[labels[0]] if len(labels) == 1 else frame[labels]
    same = functools.partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12)
    if shape in ("classifier", "regressor", "several_classes", "several_values"):
        model, unfitted = found
        expected = dense(alone.fit(x, y).predict(x))
        names = ["predict_result"] if shape in ("classifier", "regressor") else [f"predict_result_{n}" for n in labels]
        scored = run(predict, {"model": model, "data": frame})
        same(scored[names].to_numpy(), expected)
        assert type(unfitted) is type(alone)
        assert not [name for name in vars(unfitted) if name.endswith("_") and not name.startswith("_")]
        if shape == "classifier" and hasattr(alone, "predict_proba"):
            probabilities = alone.predict_proba(x)
            expected = probabilities.max(axis=1) if probabilities.shape[1] > 2 else probabilities[:, 1]
            same(scored["predict_score"], expected)
    elif shape in ("clusterer", "grouping"):
        data = found[1] if shape == "clusterer" else found
        alone.fit(x)
        expected = getattr(alone, "labels_", None)
        expected = getattr(alone, "row_labels_", None) if expected is None else expected
        same(data["cluster"], alone.predict(x) if expected is None else expected)
        if shape == "clusterer":
            same(run(predict, {"model": found[0], "data": frame})["predict_result"], alone.predict(x))
    elif shape == "outlier":
        alone.fit(x)
        same(found[1]["anomaly_score"], -alone.score_samples(x))
        same(found[1]["is_anomaly"], alone.predict(x) < 0)
    elif shape == "density":
        same(found["log_density"], alone.fit(x).score_samples(x))
    elif shape == "covariance":
        alone.fit(x)
        same(found[0]["mahalanobis"], alone.mahalanobis(x))
        same(found[1][columns], alone.covariance_)
    elif shape == "neighbours":
        distances, rows = alone.fit(x).kneighbors()
        same(found[[f"neighbour_{n}" for n in range(1, 6)]], rows)
        same(found[[f"distance_{n}" for n in range(1, 6)]], distances)
    elif shape == "embedding":
        expected = alone.fit_transform(x)
        same(found[[n for n in found if n not in frame]], expected)
    else:
        data, step = found
        if shape == "text":
            x = list(frame[columns[0]])
        elif shape == "rows_as_maps":
            x = frame.to_dict("records")
        elif shape == "label":
            x = [c.split(",") for c in frame["tags"]] if "tags" in frame else frame[columns[0]].to_numpy()
        fitted = alone.fit(x, y) if shape in ("selector", "supervised", "supervised_by_several") else alone.fit(x)
        expected = dense(fitted.transform(x))
        same(data[step.produces].to_numpy(dtype="float64"), expected.astype("float64"))
        again = step.transform(frame)
        pd.testing.assert_frame_equal(again.reset_index(drop=True), data, check_dtype=False)


def test_every_estimator_has_an_operator_or_a_reason() -> None:
    """Of those that are made, nine in ten at least; the others say why."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        listed = {name for name, _ in all_estimators()}
    accounted = set(CLASSES) | set(MADE_BY_HAND) | set(LEFT_OUT)
    assert listed <= accounted, f"new in this scikit-learn: {sorted(listed - accounted)}"
    assert not set(CLASSES) & set(MADE_BY_HAND) and not set(CLASSES) & set(LEFT_OUT)
    assert len(listed - set(LEFT_OUT)) >= 0.9 * len(listed)
    shipped = discovery.of_package("suanzi.operators").operators
    assert set(MADE_BY_HAND.values()) <= set(shipped)
    assert set(CLASS_OF) <= set(shipped)


FAILURES = {
    "ColumnTransformer": (lambda cls: cls(), "transformers"),
    "FeatureUnion": (lambda cls: cls(), "transformer_list"),
    "FrozenEstimator": (
        lambda cls: cls(LinearRegression()).fit(flowers()[["target"]], flowers()["target"]),
        "not fitted",
    ),
    "PatchExtractor": (lambda cls: cls().fit_transform(flowers()), "expected 3"),
    "Pipeline": (lambda cls: cls(), "steps"),
}


@pytest.mark.parametrize("class_name", sorted(LEFT_OUT))
def test_those_left_out_really_cannot_be_run_on_a_table(class_name: str) -> None:
    make, word = FAILURES[class_name]
    cls = dict(all_estimators())[class_name]
    with pytest.raises(Exception, match=word) as caught:
        make(cls)
    assert isinstance(caught.value, (TypeError, ValueError))
    with pytest.raises(AttributeError):
        getattr(kinds, algo_name(class_name))


def test_each_is_loaded_by_itself_and_says_what_it_is_in_both_languages() -> None:
    for name in CLASS_OF:
        op = getattr(kinds, name)
        spec = op.spec()
        assert spec["algo_name"] == spec["function"] == name
        assert any("\u4e00" <= c <= "\u9fff" for c in spec["name_zh"] + spec["doc_zh"][:30]), name
        assert spec["doc_en"].count(".") >= 2
        for param in spec["params"]:
            assert param["help_en"] and param["help_zh"] and param["label_zh"], f"{name}.{param['name']}"


@pytest.mark.parametrize(
    ("class_name", "change", "words"),
    [
        ("SVC", {"x_cols": ["sepal length (cm)", "species"]}, ["'species'", "not numeric"]),
        ("SVC", {"x_cols": ["sepal length (cm)", "gaps"]}, ["gaps", "missing"]),
        ("SVC", {"y_col": "none"}, ["'none'", "not in the table"]),
        ("ComplementNB", {"x_cols": ["below"]}, ["'below'", "negative", "ComplementNB"]),
        ("NMF", {"x_cols": ["below"]}, ["'below'", "negative"]),
        ("SVC", {"gamma": "scales"}, ["gamma"]),
        ("NuSVC", {"nu": 1.0}, ["sepal length (cm)", "nu"]),
        ("PolynomialFeatures", {"degree": 40}, ["PolynomialFeatures", "10,000"]),
    ],
)
def test_refusals_name_column_and_cause(
    run: Any, refused: Any, class_name: str, change: dict[str, Any], words: list[str]
) -> None:
    frame = flowers().assign(species="iris", gaps=np.nan, below=-1.5)
    op = getattr(kinds, algo_name(class_name))
    params = {**params_for(class_name, op, list(flowers())[:4], ["target"]), **change}
    try:
        op.execute({"data": pa.Table.from_pandas(frame)}, params, Context())
    except OperatorError as error:
        assert error.hint or "scales" in str(params.values()), error.message
        for word in words:
            assert word in error.message, error.message
    else:
        pytest.fail("it was not refused")
