// The edits that lead from one document to another: for laying one's own changes over somebody else's newer version.
import type { DagField, DagModel, Edit, OperatorField, OperatorModel } from "@/api/types";
import { EditRefused, applyEdits } from "./apply";
import { fieldOf } from "./fields";
import { edgeKey, equal } from "./model";

const FIELDS: readonly OperatorField[] = [
  "cn_name", "data_type", "type", "executor", "retries", "retry_delay", "timeout", "resources", "cache", "priority", "trigger_rule", "pool", "env", "disabled",
];
const DAG_FIELDS: readonly DagField[] = ["name", "description", "schedule", "parameters", "concurrency", "on_failure", "on_success", "notes"];

export function difference(before: DagModel, after: DagModel): Edit[] {
  const old = new Map(before.operators.map((operator) => [operator.id, operator]));
  const now = new Map(after.operators.map((operator) => [operator.id, operator]));
  const gone = new Set<string>();
  const edits: Edit[] = [];
  for (const [id, operator] of old) {
    // Another kind under the same id is another operator.
    if (now.get(id)?.algo_name !== operator.algo_name) {
      gone.add(id);
      edits.push({ type: "remove_operator", operator: id });
    }
  }
  for (const [id, operator] of now) {
    const was = gone.has(id) ? undefined : old.get(id);
    if (was) edits.push(...changes(was, operator));
    else edits.push({ type: "add_operator", operator });
  }
  const edgesBefore = new Map(before.edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target)).map((edge) => [edgeKey(edge), edge]));
  const edgesAfter = new Map(after.edges.map((edge) => [edgeKey(edge), edge]));
  for (const [key, edge] of edgesBefore) if (!edgesAfter.has(key)) edits.push({ type: "remove_edge", ...edge });
  for (const [key, edge] of edgesAfter) if (!edgesBefore.has(key)) edits.push({ type: "add_edge", ...edge });
  for (const field of DAG_FIELDS) {
    if (!equal(before[field] ?? null, after[field] ?? null)) edits.push({ type: "set_dag_field", field, value: after[field] ?? null });
  }
  return edits;
}

function changes(before: OperatorModel, after: OperatorModel): Edit[] {
  if (before === after) return [];
  const operator = after.id;
  const edits: Edit[] = [];
  for (const [name, value] of Object.entries(after.params)) {
    if (!Object.hasOwn(before.params, name) || !equal(before.params[name], value)) edits.push({ type: "set_param", operator, name, value });
  }
  for (const name of Object.keys(before.params)) if (!Object.hasOwn(after.params, name)) edits.push({ type: "remove_param", operator, name });
  for (const field of FIELDS) {
    const value = fieldOf(after, field);
    if (!equal(fieldOf(before, field), value)) edits.push({ type: "set_field", operator, field, value });
  }
  if (after.coordinate && !equal(before.coordinate, after.coordinate)) edits.push({ type: "set_coordinate", operator, ...after.coordinate });
  return edits;
}

/** Those of the edits that can be made on `dag`, one after the other, and how many can't. */
export function applicable(dag: DagModel, edits: readonly Edit[]): { dag: DagModel; edits: Edit[]; refused: number } {
  let now = dag;
  const good: Edit[] = [];
  for (const edit of edits) {
    try {
      now = applyEdits(now, [edit]).dag;
      good.push(edit);
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
    }
  }
  return { dag: now, edits: good, refused: edits.length - good.length };
}

/** Operators whose result may differ between two documents: changed themselves, or below one that is. */
export function changedOperators(before: DagModel, after: DagModel): Set<string> {
  const old = new Map(before.operators.map((operator) => [operator.id, operator]));
  const into = (dag: DagModel) => {
    const found = new Map<string, string[]>();
    for (const edge of dag.edges) {
      const list = found.get(edge.target) ?? [];
      list.push(edgeKey(edge));
      found.set(edge.target, list);
    }
    return found;
  };
  const intoBefore = into(before);
  const intoAfter = into(after);
  const changed = new Set<string>();
  for (const operator of after.operators) {
    const was = old.get(operator.id);
    const same =
      was !== undefined && was.algo_name === operator.algo_name && was.disabled === operator.disabled && equal(was.params, operator.params) &&
      equal((intoBefore.get(operator.id) ?? []).sort(), (intoAfter.get(operator.id) ?? []).sort());
    if (!same) changed.add(operator.id);
  }
  if (changed.size === 0) return changed;
  const out = new Map<string, string[]>();
  for (const edge of after.edges) out.set(edge.source, [...(out.get(edge.source) ?? []), edge.target]);
  const todo = [...changed];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const target of out.get(id) ?? []) {
      if (changed.has(target)) continue;
      changed.add(target);
      todo.push(target);
    }
  }
  return changed;
}
