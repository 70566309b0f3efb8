// Shapes of the REST API, taken from its OpenAPI document (`npm run api` writes `schema.d.ts` anew).
import type { components } from "./schema";

type Schemas = components["schemas"];

/** What may be null in the description and needn't be there is left out by the server, never sent as null. */
type Sent<T> = T extends readonly (infer Item)[] ? Sent<Item>[] : T extends object ? { [Key in keyof T]: undefined extends T[Key] ? Sent<Exclude<T[Key], null>> : Sent<T[Key]> } : T;

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type SessionView = Sent<Schemas["SessionView"]>;

export type AliasView = Sent<Schemas["AliasView"]>;

/** Nulls within its lists are sent: a version has no such figure or word. */
export type ModelComparison = Schemas["ModelComparison"];
export type ComparedMetric = Schemas["ComparedMetric"];
export type ComparedWord = Schemas["ComparedWord"];

export type Fault = Sent<Schemas["Fault"]>;

export interface OperatorModel {
  id: string;
  algo_name: string;
  data_type?: string;
  type?: string;
  cn_name?: string;
  coordinate?: { x: number; y: number };
  params: Record<string, unknown>;
  executor?: string;
  retries?: number;
  retry_delay_ms?: number;
  timeout_ms?: number;
  resources?: { cpu?: number; memory_bytes?: number; gpu?: number };
  cache?: boolean;
  priority?: number;
  trigger_rule?: string;
  pool?: string;
  env?: unknown;
  disabled: boolean;
}

export type EdgeModel = Sent<Schemas["EdgeModel"]>;

export interface DagModel {
  name?: string;
  description?: string;
  schedule?: unknown;
  parameters?: Record<string, unknown>;
  concurrency?: number;
  on_failure?: unknown;
  on_success?: unknown;
  /** A list of `{text, x, y}`, checked by the server. */
  notes?: unknown;
  viewport?: { translate?: [number, number]; scale?: number };
  operators: OperatorModel[];
  edges: EdgeModel[];
}

export type OperatorField =
  | "cn_name" | "executor" | "retries" | "retry_delay" | "timeout" | "resources" | "cache" | "priority"
  | "trigger_rule" | "pool" | "env" | "disabled" | "data_type" | "type";
export type DagField = "name" | "description" | "schedule" | "concurrency" | "on_failure" | "on_success" | "parameters" | "notes";

export type Edit =
  | { type: "set_param"; operator: string; name: string; value: unknown }
  | { type: "remove_param"; operator: string; name: string }
  | { type: "set_coordinate"; operator: string; x: number; y: number }
  | { type: "set_field"; operator: string; field: OperatorField; value: unknown }
  | { type: "add_operator"; operator: OperatorModel }
  | { type: "remove_operator"; operator: string }
  | { type: "rename_operator"; operator: string; to: string }
  | ({ type: "add_edge" } & EdgeModel)
  | ({ type: "remove_edge" } & EdgeModel)
  | { type: "set_dag_field"; field: DagField; value: unknown }
  | { type: "set_viewport"; translate: [number, number]; scale: number };

export interface Bilingual {
  en: string;
  zh: string;
}

export interface LintFinding {
  code: string;
  severity: "warning" | "error";
  operator: string;
  message: Bilingual;
  hint: Bilingual;
  fix?: { label: Bilingual; edits: Edit[] };
}

export interface DocumentView {
  dag: DagModel | null;
  faults: Fault[];
  lint: LintFinding[];
}

export type Verdict = Sent<Schemas["Verdict"]>;

export type PlanRow = Sent<Schemas["PlanRow"]>;

export interface RunOptions {
  seed?: number;
  cache?: "use" | "bypass";
  executor?: string;
  priority?: number;
  concurrency?: number;
  from?: string[];
  to?: string[];
  only?: string[];
  failed_of?: string;
  datasets?: Record<string, string>;
}

export type ScheduleView = Sent<Schemas["ScheduleView"]>;

export type ServiceView = Sent<Schemas["ServiceView"]>;

export type PastDue = Sent<Schemas["PastDue"]>;

export type RunStatus = "running" | "success" | "failed" | "cancelled";

export interface DagListItem {
  dag_id: string;
  title: string;
  version: number;
  updated_at_ms: number;
  operators: number;
  has_draft: boolean;
  last_run?: { run_id: string; status: RunStatus; created_at_ms: number };
}

export type DagDetail = Sent<Schemas["DagView"]>;

export interface DagVersion {
  version: number;
  created_at_ms: number;
  source_hash: string;
}

/** A run on its way to an MLflow server. */
export type MlflowView = Sent<Schemas["MlflowView"]>;

export interface RunView {
  /** Only of a run that is asked for by itself. */
  mlflow?: MlflowView;
  run_id: string;
  status: RunStatus;
  dag: string;
  dag_id?: string;
  version?: number;
  total: number;
  done: number;
  failed: number;
  cached: number;
  cancel_requested: boolean;
  created_at_ms: number;
  ended_at_ms?: number;
  options: RunOptions;
}

export type SubmitAnswer = Sent<Schemas["SubmitAnswer"]>;

export type TaskStatus = Sent<Schemas["TaskStatus"]>;

export type StoryLine = Sent<Schemas["StoryLine"]>;
export type TaskError = Sent<Schemas["TaskError"]>;

export type OutputView = Sent<Schemas["OutputView"]>;

export interface TaskView {
  operator: string;
  algo_name: string;
  status: TaskStatus;
  attempt: number;
  started_at_ms?: number;
  ended_at_ms?: number;
  duration_us?: number;
  cpu_us?: number;
  peak_rss_bytes?: number;
  cached_from?: { run_id: string; operator: string };
  error?: TaskError;
  outputs: OutputView[];
  /** Why its executor takes no work now, of a task that hasn't ended. */
  waits?: string;
}

export type RunEvent =
  | { type: "task_started"; operator: string; attempt: number }
  | { type: "progress"; operator: string; fraction: number; message: string }
  | { type: "metric"; operator: string; name: string; step?: number; value?: number | null }
  | { type: "task_ended"; operator: string; status: TaskStatus; attempt: number; duration_us: number; error?: TaskError; outputs?: OutputView[] }
  | { type: "run_ended"; status: RunStatus };

/** What `/events` sends: events of all runs, and that something began or changed. */
export type ServerEvent =
  | (RunEvent & { run_id: string })
  | { type: "run_started"; run_id: string; dag_id?: string }
  | { type: "dag_changed"; dag_id: string; version: number };

export type InputPort = Sent<Schemas["InputPort"]>;

export type OutputPort = Sent<Schemas["OutputPort"]>;

export type ParamKind =
  | "integer" | "number" | "boolean" | "string" | "choice" | "column" | "columns" | "list" | "map" | "dataset"
  | "path" | "code" | "any";

export interface ParamSpec {
  name: string;
  kind: ParamKind;
  required: boolean;
  nullable: boolean;
  default: unknown;
  advanced: boolean;
  legacy: boolean;
  ignored?: boolean;
  label_en: string;
  label_zh: string;
  help_en: string;
  help_zh: string;
  minimum?: number;
  maximum?: number;
  exclusive_minimum?: number;
  exclusive_maximum?: number;
  choices?: unknown[];
  items?: string;
  min_items?: number;
}

export interface OperatorKind {
  algo_name: string;
  name_en: string;
  name_zh: string;
  category: string;
  doc_en: string;
  doc_zh: string;
  inputs: InputPort[];
  outputs: OutputPort[];
  params: ParamSpec[];
  deterministic: boolean;
  random: boolean;
  side_effects: boolean;
  executors: string[];
  schema?: unknown;
  available: boolean;
  install?: string;
}
