"""`deploy_service`: a registered model behind a service; the engine deploys it once the run's record is durable."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.deploy.names import checked_name
from suanzi.sdk import Endpoint, ModelRef, OperatorError, Param, operator


@operator(
    name_en="Deploy Online Service",
    name_zh="部署在线服务",
    category="deploy",
    doc_en="Puts the registered version behind a service of that name, in the place of what it serves: "
    "`POST /services/NAME/invocations` and the Open Inference Protocol answer with it. Under `suanzi serve` the switch "
    "fails no request, and a version that can't be loaded replaces nothing; elsewhere the next `suanzi serve` serves "
    "it.",
    doc_zh="将已注册的版本部署到指定名称的在线服务，替换其当前版本：通过 `POST /services/NAME/invocations` "
    "与 Open Inference Protocol 调用。在 `suanzi serve` 中运行时，切换期间不会有请求失败，"
    "无法加载的版本不会替换现有版本；"
    "其他情况下由下一次 `suanzi serve` 提供服务。",
    side_effects=True,
)
def deploy_service(
    model_ref: ModelRef,
    *,
    name: Annotated[
        str,
        Param(
            label_en="Service name",
            label_zh="服务名",
            help_en="Letters, digits, `_`, `.`, `-`; at most 63 characters. Part of the address.",
            help_zh="字母、数字、_、.、-，最多 63 个字符，构成访问地址的一部分。",
        ),
    ],
    concurrency: Annotated[
        int | None,
        Param(
            ge=1,
            le=10_000,
            advanced=True,
            label_en="Requests at one time",
            label_zh="并发请求数",
            help_en="More are refused by 429. Empty: what the service has, or 256.",
            help_zh="超出的请求返回 429。留空则沿用服务的现有设置，新服务为 256。",
        ),
    ] = None,
) -> Endpoint:
    checked_name(name, "service")
    if not isinstance(model_ref.get("artifact"), dict):
        raise OperatorError(
            f"the version of model '{model_ref.get('name', '?')}' does not say where it is stored",
            "register the model in a run, and connect register_model's output",
        )
    return {
        "service": name,
        "model": model_ref["name"],
        "concurrency": concurrency,
        "address": f"/services/{name}/invocations",
    }
