// What was done differently: operators that came and went, parameters, states, and what both runs stood on.
import { useTranslation } from "react-i18next";
import type { RunDiff } from "@/api/reports";
import type { TaskStatus } from "@/api/types";
import { Status } from "@/ui/Status";
import { shortly } from "./values";

interface Props {
  diff: RunDiff;
  name: (operator: string) => string;
  /** One operator's part of the comparison. */
  only: boolean;
}

export function Changes({ diff, name, only }: Props) {
  const { t } = useTranslation("compare");
  const { parameters = [], statuses = [], removed = [], added = [], basis = [] } = diff;
  const nothing = parameters.length + statuses.length + removed.length + added.length + basis.length === 0;
  return (
    <section className="card compare-card" data-testid="compare-changes">
      <h2>{t("changes")}</h2>
      {nothing ? <p className="muted">{t(only ? "noChangesHere" : "noChanges")}</p> : null}
      {parameters.length > 0 ? (
        <table className="table">
          <thead><tr><th scope="col">{t("operator")}</th><th scope="col">{t("parameter")}</th><th scope="col">{t("before")}</th><th scope="col">{t("after")}</th></tr></thead>
          <tbody>
            {parameters.map((one) => (
              <tr key={`${one.operator}/${one.parameter}`} data-testid={`changed-${one.parameter}`}>
                <td title={one.operator}>{name(one.operator)}</td>
                <td className="mono">{one.parameter}</td>
                <td><Value value={one.before} kind="old" /></td>
                <td><Value value={one.after} kind="new" /></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {removed.length > 0 ? <p>{t("removed", { names: removed.map(name).join(" · ") })}</p> : null}
      {added.length > 0 ? <p>{t("added", { names: added.map(name).join(" · ") })}</p> : null}
      {statuses.length > 0 ? (
        <ul className="compare-states">
          {statuses.map((one) => (
            <li key={one.operator} className="row"><span title={one.operator}>{name(one.operator)}</span><State status={one.before} /><span aria-hidden>→</span><State status={one.after} /></li>
          ))}
        </ul>
      ) : null}
      {basis.map((line) => <p key={line}>{line}</p>)}
    </section>
  );
}

/** Not set is a state of its own: the operator's own value counted. */
function Value({ value, kind }: { value: unknown; kind: "old" | "new" }) {
  const { t } = useTranslation("compare");
  if (value === undefined || value === null) return <span className="muted">{t("notSet")}</span>;
  return <code className={`compare-value compare-${kind}`} title={JSON.stringify(value)}>{shortly(value)}</code>;
}

function State({ status }: { status: string | null }) {
  const { t } = useTranslation("compare");
  return status === null ? <span className="muted">{t("none")}</span> : <Status status={status as TaskStatus} />;
}
