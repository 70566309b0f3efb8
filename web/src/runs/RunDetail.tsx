// What became of one operator: its failure first, then what it read and made, its log and its story.
import { Wrench } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LiveTask } from "@/api/live";
import type { Catalogue } from "@/api/operators";
import type { DagModel, RunView } from "@/api/types";
import { adjacency } from "@/graph/reach";
import { FailureView } from "@/results/FailureView";
import { Log } from "@/results/Log";
import { portName } from "@/results/names";
import { OutputPane } from "@/results/OutputPane";
import { OfRun } from "@/results/WhyTab";
import { Button } from "@/ui/Button";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { FixDialog } from "./FixDialog";

interface Props {
  run: RunView;
  over: boolean;
  task: LiveTask;
  tasks: ReadonlyMap<string, LiveTask>;
  dag: DagModel | null;
  catalogue: Catalogue;
  name: (operator: string) => string;
  /** It was chosen by hand, so it is brought into sight. */
  reveal: boolean;
}

export function RunDetail({ run, over, task, tasks, dag, catalogue, name, reveal }: Props) {
  const { t } = useTranslation("runs");
  const [tab, setTab] = useState<string | null>(null);
  const [fixing, setFixing] = useState(false);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (reveal) place.current?.scrollIntoView({ block: "nearest" });
  }, [reveal]);
  const runId = run.run_id;
  const { error } = task;
  const kind = catalogue.get(task.algo_name);
  const kindOf = (id: string) => catalogue.get(tasks.get(id)?.algo_name ?? "");
  const inputs = dag ? (adjacency(dag).incoming.get(task.operator) ?? []) : [];
  const operator = dag?.operators.find((one) => one.id === task.operator);
  const tabs = [
    ...inputs.map((edge) => {
      const title = t("results:inputFrom", { name: `${name(edge.source)} · ${portName(kindOf(edge.source), edge.source_index)}` });
      return {
        id: `in-${edge.target_index}-${edge.source}-${edge.source_index}`,
        label: title,
        content: () => <OutputPane runId={runId} operator={edge.source} port={edge.source_index} title={title} output={tasks.get(edge.source)?.outputs.find((output) => output.port === edge.source_index)} />,
      };
    }),
    ...task.outputs.map((output) => {
      const title = t("results:outputOf", { name: portName(kind, output.port) });
      return { id: `out-${output.port}`, label: title, content: () => <OutputPane runId={runId} operator={task.operator} port={output.port} title={title} output={output} /> };
    }),
    ...(task.attempt > 0 ? [{ id: "log", label: t("results:tab.log"), content: () => <Log runId={runId} operator={task.operator} attempts={task.attempt} running={task.status === "running"} /> }] : []),
    { id: "why", label: t("results:tab.why"), content: () => <div className="why"><OfRun runId={runId} operator={task.operator} moment={`${task.status}/${task.attempt}`} /></div> },
  ];
  // Of a failure, what it printed last says most; else what it made.
  const shown = tabs.find((entry) => entry.id === tab) ?? tabs.find((entry) => entry.id === (error ? "log" : `out-${task.outputs[0]?.port}`)) ?? tabs[0];
  return (
    <section ref={place} className="card run-detail" aria-label={name(task.operator)} data-testid="run-detail">
      <div className="row">
        <h2 className="clip" title={task.operator}>{name(task.operator)}</h2>
        <Status status={task.status} />
        <span className="grow" />
        {error && over && operator && kind ? <Button primary icon={Wrench} onClick={() => setFixing(true)} data-testid="run-fix">{t("fix.open")}</Button> : null}
      </div>
      {error ? <FailureView error={error} /> : null}
      <div className="run-tabs">
        <Tabs label={name(task.operator)} tabs={tabs} value={shown?.id ?? "why"} onChange={setTab} />
      </div>
      {fixing && operator && dag && kind ? <FixDialog run={run} dag={dag} operator={operator} kind={kind} catalogue={catalogue} title={name(task.operator)} onClose={() => setFixing(false)} /> : null}
    </section>
  );
}
