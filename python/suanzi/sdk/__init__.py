"""The SDK: what an operator's author imports. Importing it loads no heavy library."""

from suanzi.sdk.context import Context, current, running
from suanzi.sdk.contract import ContractFault, check_operator
from suanzi.sdk.errors import BadOutputError, OperatorDeclarationError, OperatorError, ParameterError
from suanzi.sdk.fitted import FittedTransform, TrainedModel, model_manifest
from suanzi.sdk.jobs import FailedJob
from suanzi.sdk.operator import Operator, operator
from suanzi.sdk.params import Code, Column, Columns, Dataset, Param, PathName
from suanzi.sdk.partition import Partition
from suanzi.sdk.ports import (
    AnyValue,
    ArrowTable,
    Endpoint,
    Estimator,
    File,
    Metrics,
    Model,
    ModelRef,
    Port,
    Report,
    Table,
    Transform,
)

__all__ = [
    "AnyValue",
    "ArrowTable",
    "BadOutputError",
    "Code",
    "Column",
    "Columns",
    "Context",
    "ContractFault",
    "Dataset",
    "Endpoint",
    "Estimator",
    "FailedJob",
    "File",
    "FittedTransform",
    "Metrics",
    "Model",
    "ModelRef",
    "Operator",
    "OperatorDeclarationError",
    "OperatorError",
    "Param",
    "ParameterError",
    "Partition",
    "PathName",
    "Port",
    "Report",
    "Table",
    "TrainedModel",
    "Transform",
    "check_operator",
    "current",
    "model_manifest",
    "operator",
    "running",
]
