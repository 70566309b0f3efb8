"""`pca`: many columns into few that hold most of their variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from suanzi.operators.feature.scaling import Excluded, NumericColumns, Transformed, chosen_columns
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import require_finite, require_numeric
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="PCA",
    name_zh="主成分分析",
    category="feature",
    doc_en="Replaces columns by their principal components pc_1, pc_2, … (scikit-learn's PCA). Standardize first.",
    doc_zh="将列替换为主成分 pc_1、pc_2……（scikit-learn 的 PCA）。请先标准化。",
)
def pca(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    n_components: Annotated[
        float,
        Param(
            gt=0,
            label_en="Components",
            label_zh="主成分数",
            help_en="A number from 1, or below 1 the share of variance to keep.",
            help_zh="不小于 1 为个数；小于 1 为保留的方差比例。",
        ),
    ] = 0.95,
    whiten: Annotated[
        bool,
        Param(advanced=True, label_en="Whiten", label_zh="白化", help_en="To equal variance.", help_zh="使方差相等。"),
    ] = False,
    keep_columns: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Keep the columns",
            label_zh="保留原列",
            help_en="Beside the components.",
            help_zh="与主成分一并保留。",
        ),
    ] = False,
) -> Transformed:
    from sklearn.decomposition import PCA

    names = chosen_columns(data, columns, exclude)
    require_finite(data, names)
    if n_components >= 1 and not float(n_components).is_integer():
        raise OperatorError(f"n_components is {n_components:g}", "give a whole number, or a share below 1")
    most = min(len(data), len(names))
    if n_components > most:
        raise OperatorError(
            f"{len(data):,} rows of {len(names)} columns have at most {most} components, not {n_components:g}",
            f"set n_components to at most {most}",
        )
    size = int(n_components) if n_components >= 1 else n_components
    fitted = PCA(n_components=size, whiten=whiten, svd_solver="full").fit(data[names].to_numpy(dtype="float64"))
    shares = [f"{share:.1%}" for share in fitted.explained_variance_ratio_]
    current().note(f"{len(shares)} components; shares of the variance: {listed(shares)}")
    produced = [f"pc_{number}" for number in range(1, fitted.n_components_ + 1)]
    clash = [name for name in produced if name in data.columns and (keep_columns or name not in names)]
    if clash:
        raise OperatorError(f"the table has columns called {listed(clash)}", "rename or drop them first")
    step = FittedTransform("pca", (fitted, keep_columns), names, produced, _apply)
    return Transformed(step.transform(data), step)


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    require_numeric(frame, step.columns)
    require_finite(frame, step.columns)
    fitted, keep_columns = step.step
    values = frame[step.columns].to_numpy(dtype="float64")
    parts = fitted.transform(values) if len(frame) else np.empty((0, len(step.produces)))
    rest = frame if keep_columns else frame.drop(columns=step.columns)
    rest = rest.drop(columns=[name for name in step.produces if name in rest.columns])
    return pd.concat([rest, pd.DataFrame(parts, columns=step.produces, index=frame.index)], axis="columns")
