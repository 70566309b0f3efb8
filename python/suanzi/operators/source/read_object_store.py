"""`read_object_store`: tables in S3, Google Cloud Storage, HDFS or any folder, by URI."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from suanzi.sdk import ArrowTable, Columns, OperatorError, Param, current, operator
from suanzi.sdk.names import listed, nearest

SCHEMES = ("s3", "gs", "hdfs", "file")
CONNECT_TIMEOUT_S = 10
REQUEST_TIMEOUT_S = 60


@operator(
    name_en="Read Object Storage",
    name_zh="读对象存储文件",
    category="source",
    doc_en="Reads a Parquet or CSV file, or all such files below a prefix, from s3://, gs://, hdfs:// or file://. "
    "Credentials come from the environment as for the storage's own tools (AWS_ACCESS_KEY_ID and so on), never from "
    "the DAG. The answer is not cached, as the objects may change.",
    doc_zh="从 s3://、gs://、hdfs:// 或 file:// 读取一个 Parquet/CSV 文件，或某前缀下的全部文件。"
    "凭据取自环境变量（如 AWS_ACCESS_KEY_ID），不写入 DAG。对象可能变化，因此结果不缓存。",
    deterministic=False,
)
def read_object_store(
    *,
    uri: Annotated[
        str,
        Param(
            label_en="Address",
            label_zh="地址",
            help_en="Such as s3://bucket/path/data.parquet; a path without ending is a prefix.",
            help_zh="例如 s3://bucket/path/data.parquet；无扩展名时视为前缀。",
        ),
    ],
    format: Annotated[
        Literal["auto", "csv", "parquet"],
        Param(label_en="Format", label_zh="格式", help_en="auto: by the ending.", help_zh="auto：按扩展名判断。"),
    ] = "auto",
    columns: Annotated[
        Columns | None,
        Param(label_en="Columns", label_zh="列", help_en="Empty means all columns.", help_zh="留空读取全部列。"),
    ] = None,
    endpoint: Annotated[
        str | None,
        Param(
            advanced=True,
            label_en="Endpoint",
            label_zh="服务地址",
            help_en="Of an S3-compatible service (OSS, COS, MinIO), such as https://oss-cn-hangzhou.aliyuncs.com.",
            help_zh="S3 兼容服务（OSS、COS、MinIO）的地址，如 https://oss-cn-hangzhou.aliyuncs.com。",
        ),
    ] = None,
    region: Annotated[
        str | None,
        Param(advanced=True, label_en="Region", label_zh="地域", help_en="Of the bucket.", help_zh="存储桶所在地域。"),
    ] = None,
    anonymous: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Anonymous",
            label_zh="匿名访问",
            help_en="Public buckets: send no credentials.",
            help_zh="公开存储桶：不发送凭据。",
        ),
    ] = False,
) -> ArrowTable:
    import pyarrow as pa
    from pyarrow import dataset

    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES or not (parts.netloc + parts.path).strip("/"):
        raise OperatorError(
            f"parameter 'uri' is '{uri}', which is no address of an object", "write it as s3://bucket/path/file.parquet"
        )
    if "@" in parts.netloc or {"access_key", "secret_key"} & set(parse_qs(parts.query)):
        raise OperatorError(
            "parameter 'uri' holds credentials, which would be stored with the DAG",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment instead",
        )
    kind = _format(parts.path) if format == "auto" else format
    try:
        files, path = _file_system(uri, parts, endpoint, region, anonymous)
        found = dataset.dataset(path, filesystem=files, format=kind)
        _require(columns, found.schema.names, uri)
        return found.to_table(columns=columns, use_threads=current().cpu_slots > 1)
    except FileNotFoundError:
        raise OperatorError(f"there is no object at {uri}", "check bucket and path, and the region") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise OperatorError(
            f"{uri} can't be read: {reason}", "check the address, the endpoint and the credentials in the environment"
        ) from error


def _format(path: str) -> str:
    ending = path.rsplit("/", 1)[-1].lower()
    return "csv" if ending.endswith((".csv", ".tsv", ".csv.gz")) else "parquet"


def _file_system(uri: str, parts: Any, endpoint: str | None, region: str | None, anonymous: bool) -> tuple[Any, str]:
    from pyarrow import fs

    if parts.scheme != "s3":
        files, path = fs.FileSystem.from_uri(uri)
        return files, path
    options: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S, "request_timeout": REQUEST_TIMEOUT_S}
    options["anonymous"] = anonymous
    if region:
        options["region"] = region
    if endpoint:
        scheme, _, rest = endpoint.rpartition("://")
        options["endpoint_override"] = rest
        options["scheme"] = scheme or "https"
    return fs.S3FileSystem(**options), f"{parts.netloc}{parts.path}"


def _require(columns: list[str] | None, known: list[str], uri: str) -> None:
    missing = [name for name in columns or [] if name not in known]
    if missing:
        meant = nearest(missing[0], known)
        raise OperatorError(
            f"column '{missing[0]}' is not in {uri}; it has: {listed(known)}",
            f"did you mean '{meant}'?" if meant else "correct the name in columns",
        )
