// Applies edits to a document: all of them or none, and says which edits take them back.
import type { DagModel, EdgeModel, Edit, OperatorModel } from "@/api/types";
import { fieldOf, withField } from "./fields";
import { edgeKey, sameEdge } from "./model";

export type RefusalCode =
  | "no_such_operator" | "operator_exists" | "bad_id" | "no_such_param" | "no_such_edge" | "edge_exists" | "self_edge" | "bad_value";

export class EditRefused extends Error {
  readonly code: RefusalCode;
  readonly index: number;
  readonly about: string;

  constructor(code: RefusalCode, index: number, about: string) {
    super(`edit ${index + 1}: ${code} ${about}`);
    this.name = "EditRefused";
    this.code = code;
    this.index = index;
    this.about = about;
  }
}

export interface Applied {
  dag: DagModel;
  /** Applied in order, they give the document back (order of operators aside). */
  inverse: Edit[];
}

export function applyEdits(dag: DagModel, edits: readonly Edit[]): Applied {
  const draft = new Draft(dag);
  const inverse: Edit[] = [];
  for (const [index, edit] of edits.entries()) {
    draft.index = index;
    inverse.unshift(...draft.apply(edit));
  }
  return { dag: draft.done(), inverse };
}

const MAX_ID_BYTES = 256;

/** What is wrong with an id; null where nothing is. */
export function idFault(id: string): "bad_id" | null {
  const bad = id === "" || new TextEncoder().encode(id).length > MAX_ID_BYTES || /[\u0000-\u001f\u007f-\u009f/\\]/.test(id);
  return bad ? "bad_id" : null;
}

/** A copy that is worked on; arrays are copied once for all edits, objects only where they change. */
class Draft {
  index = 0;
  private dag: DagModel;
  private operators: OperatorModel[];
  private edges: EdgeModel[];
  private places: Map<string, number>;
  private edgeKeys: Set<string> | null = null;

  constructor(dag: DagModel) {
    this.dag = { ...dag };
    this.operators = dag.operators.slice();
    this.edges = dag.edges.slice();
    this.places = new Map(dag.operators.map((operator, at) => [operator.id, at]));
  }

  done(): DagModel {
    return { ...this.dag, operators: this.operators, edges: this.edges };
  }

  /** Applies one edit and gives what takes it back. */
  apply(edit: Edit): Edit[] {
    switch (edit.type) {
      case "set_param":
      case "remove_param":
        return this.param(edit);
      case "set_coordinate": {
        const [operator, at] = this.find(edit.operator);
        if (!Number.isFinite(edit.x) || !Number.isFinite(edit.y)) this.refuse("bad_value", edit.operator);
        this.operators[at] = { ...operator, coordinate: { x: edit.x, y: edit.y } };
        // A document can't say "no coordinate" in an edit; where there was none, the origin stands.
        const before = operator.coordinate ?? { x: 0, y: 0 };
        return [{ type: "set_coordinate", operator: edit.operator, x: before.x, y: before.y }];
      }
      case "set_field": {
        const [operator, at] = this.find(edit.operator);
        const next = withField(operator, edit.field, edit.value);
        if (!next) this.refuse("bad_value", edit.field);
        this.operators[at] = next;
        return [{ type: "set_field", operator: edit.operator, field: edit.field, value: fieldOf(operator, edit.field) }];
      }
      case "add_operator":
        return this.addOperator(edit.operator);
      case "remove_operator":
        return this.removeOperator(edit.operator);
      case "rename_operator":
        return this.rename(edit.operator, edit.to);
      case "add_edge":
        return this.addEdge(edgeOf(edit));
      case "remove_edge":
        return this.removeEdge(edgeOf(edit));
      case "set_dag_field": {
        const before = this.dag[edit.field] ?? null;
        this.dag = { ...this.dag };
        if (edit.value === null) delete this.dag[edit.field];
        else Object.assign(this.dag, { [edit.field]: edit.value });
        return [{ type: "set_dag_field", field: edit.field, value: before }];
      }
      case "set_viewport": {
        const before = this.dag.viewport;
        this.dag = { ...this.dag, viewport: { translate: edit.translate, scale: edit.scale } };
        return before?.translate && before.scale !== undefined
          ? [{ type: "set_viewport", translate: before.translate, scale: before.scale }]
          : [{ type: "set_viewport", translate: [0, 0], scale: 1 }];
      }
    }
  }

  private refuse(code: RefusalCode, about: string): never {
    throw new EditRefused(code, this.index, about);
  }

  private find(id: string): [OperatorModel, number] {
    const at = this.places.get(id);
    const operator = at === undefined ? undefined : this.operators[at];
    if (at === undefined || !operator) this.refuse("no_such_operator", id);
    return [operator, at];
  }

  private param(edit: Extract<Edit, { type: "set_param" | "remove_param" }>): Edit[] {
    const [operator, at] = this.find(edit.operator);
    const { operator: id, name } = edit;
    const had = Object.hasOwn(operator.params, name);
    const back: Edit = had
      ? { type: "set_param", operator: id, name, value: operator.params[name] }
      : { type: "remove_param", operator: id, name };
    const params = { ...operator.params };
    if (edit.type === "set_param") params[name] = edit.value;
    else if (had) delete params[name];
    else this.refuse("no_such_param", name);
    this.operators[at] = { ...operator, params };
    return [back];
  }

  private addOperator(operator: OperatorModel): Edit[] {
    if (idFault(operator.id)) this.refuse("bad_id", operator.id);
    if (this.places.has(operator.id)) this.refuse("operator_exists", operator.id);
    this.places.set(operator.id, this.operators.length);
    this.operators.push({ ...operator, params: operator.params ?? {}, disabled: operator.disabled ?? false });
    return [{ type: "remove_operator", operator: operator.id }];
  }

  private removeOperator(id: string): Edit[] {
    const [operator, at] = this.find(id);
    this.operators.splice(at, 1);
    this.places = new Map(this.operators.map((other, place) => [other.id, place]));
    const gone = this.edges.filter((edge) => edge.source === id || edge.target === id);
    this.setEdges(this.edges.filter((edge) => edge.source !== id && edge.target !== id));
    return [{ type: "add_operator", operator }, ...gone.map((edge): Edit => ({ type: "add_edge", ...edge }))];
  }

  private rename(id: string, to: string): Edit[] {
    const [operator, at] = this.find(id);
    if (id === to) return [];
    if (idFault(to)) this.refuse("bad_id", to);
    if (this.places.has(to)) this.refuse("operator_exists", to);
    this.operators[at] = { ...operator, id: to };
    this.places.delete(id);
    this.places.set(to, at);
    const follow = (end: string) => (end === id ? to : end);
    this.setEdges(this.edges.map((edge) =>
      edge.source === id || edge.target === id ? { ...edge, source: follow(edge.source), target: follow(edge.target) } : edge,
    ));
    return [{ type: "rename_operator", operator: to, to: id }];
  }

  private addEdge(edge: EdgeModel): Edit[] {
    this.find(edge.source);
    this.find(edge.target);
    if (edge.source === edge.target) this.refuse("self_edge", edge.source);
    const keys = this.keys();
    if (keys.has(edgeKey(edge))) this.refuse("edge_exists", `${edge.source} → ${edge.target}`);
    keys.add(edgeKey(edge));
    this.edges.push(edge);
    return [{ type: "remove_edge", ...edge }];
  }

  private removeEdge(edge: EdgeModel): Edit[] {
    const at = this.edges.findIndex((other) => sameEdge(other, edge));
    if (at < 0) this.refuse("no_such_edge", `${edge.source} → ${edge.target}`);
    this.edges.splice(at, 1);
    this.edgeKeys?.delete(edgeKey(edge));
    return [{ type: "add_edge", ...edge }];
  }

  private keys(): Set<string> {
    this.edgeKeys ??= new Set(this.edges.map(edgeKey));
    return this.edgeKeys;
  }

  private setEdges(edges: EdgeModel[]): void {
    this.edges = edges;
    this.edgeKeys = null;
  }
}

function edgeOf({ source, source_index, target, target_index }: EdgeModel): EdgeModel {
  return { source, source_index, target, target_index };
}
