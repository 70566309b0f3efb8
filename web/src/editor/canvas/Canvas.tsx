// The canvas: the graph, drawn and changed by hand.
import {
  Background, BackgroundVariant, type Connection, type EdgeChange, type NodeChange, type OnConnectEnd, type OnConnectStart, ReactFlow,
  SelectionMode, applyNodeChanges, useReactFlow, useStore,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type DragEvent, type MouseEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import i18next from "i18next";
import type { EdgeModel, Edit, OperatorModel } from "@/api/types";
import { say } from "@/app/toasts";
import { connect, insertion, insertOnEdge } from "@/graph/connect";
import { type Catalogue, GRID, NODE_HEIGHT, NODE_WIDTH, type Point, edgeKey, positionOf } from "@/graph/model";
import type { Verdict } from "@/graph/ports";
import { useLanguage } from "@/i18n/language";
import { draggedOver, dropped } from "../palette/dragged";
import { isReadOnly, shownDag, useEditor, useEditorStore } from "../state/context";
import { openTab, useUi } from "../state/ui";
import "./canvas.css";
import { beginConnecting, endConnecting, type From, portKey, useConnecting } from "./connecting";
import { FlowMaker, type OperatorFlowEdge, type OperatorFlowNode, portOf } from "./flow";
import { distanceToEdge, inputs } from "./geometry";
import { MiniMap } from "./MiniMap";
import { namesOf } from "./names";
import { OperatorEdge } from "./OperatorEdge";
import { OperatorNode } from "./OperatorNode";
import { Overview } from "./Overview";
import { boundsOf, wires } from "./paint";
import { Refusal } from "./Refusal";
import { refusalText } from "./refusalText";
import { useAdding } from "./useAdding";
import { Notes } from "./Notes";
import { NOBODY, useMounted } from "./useMounted";
import { useZooming } from "./useZooming";

const NODE_TYPES = { operator: OperatorNode };
const EDGE_TYPES = { operator: OperatorEdge };
const MIN_ZOOM = 0.02;
const MAX_ZOOM = 2.5;
/** Up to so many operators, nodes are drawn as such at any zoom. */
const MOST_NODES_WHEN_FAR = 250;
const FAR_ZOOM = 0.38;
const HYSTERESIS = 0.04;
const DROP_DISTANCE = 22;

export const Canvas = memo(function Canvas({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const store = useEditorStore();
  const dag = useEditor(shownDag);
  const selection = useEditor((state) => state.selection);
  const readOnly = useEditor(isReadOnly);
  const flow = useReactFlow<OperatorFlowNode, OperatorFlowEdge>();
  const add = useAdding(catalogue);
  const pane = useRef<HTMLDivElement>(null);
  const pointer = useRef<Point | null>(null);
  const refusal = useRef<string | null>(null);
  const big = dag.operators.length > MOST_NODES_WHEN_FAR;
  const far = useFar(dag.operators.length);

  const maker = useMemo(() => new FlowMaker(catalogue), [catalogue]);
  const nodes = useMemo(() => dag.operators.map((operator) => maker.node(operator, selection.operators.has(operator.id))), [dag, maker, selection.operators]);
  const edges = useMemo(() => {
    const kinds = new Map(dag.operators.map((operator) => [operator.id, catalogue.get(operator.algo_name)]));
    return dag.edges
      .filter((edge) => kinds.has(edge.source) && kinds.has(edge.target))
      .map((edge) => maker.edge(edge, kinds.get(edge.source)?.outputs[edge.source_index]?.type ?? "any", selection.edges.has(edgeKey(edge)), inputs(kinds.get(edge.target))));
  }, [dag, maker, selection.edges, catalogue]);
  // Nodes on their way are React Flow's alone until they are let go: then one edit moves them.
  const [moving, setMoving] = useState<OperatorFlowNode[] | null>(null);
  useEffect(() => setMoving(null), [nodes]);

  const ends = useMemo(() => wires(dag, catalogue), [dag, catalogue]);
  const painting = useMemo(() => {
    const titles = new Map<string, string>();
    const byId = new Map(dag.operators.map((operator) => [operator.id, operator]));
    return {
      dag,
      wires: ends,
      selected: selection.operators,
      titles: (id: string) => {
        let title = titles.get(id);
        if (title === undefined) {
          const operator = byId.get(id);
          title = operator ? namesOf(operator, catalogue.get(operator.algo_name), language).title : id;
          titles.set(id, title);
        }
        return title;
      },
    };
  }, [dag, ends, selection.operators, catalogue, language]);

  useControl(pane, pointer);
  useFirstView(dag.operators.length > 0);

  const onNodesChange = useCallback(
    (changes: NodeChange<OperatorFlowNode>[]) => {
      const moves = changes.filter((change) => change.type === "position");
      if (moves.length > 0 && !readOnly) setMoving((now) => applyNodeChanges(moves, now ?? nodes));
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length === 0) return;
      const { selection: before, select } = store.getState();
      const operators = new Set(before.operators);
      for (const change of chosen) {
        if (change.selected) operators.add(change.id);
        else operators.delete(change.id);
      }
      select({ operators });
      useUi.setState({ port: 0 });
    },
    [nodes, readOnly, store],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<OperatorFlowEdge>[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length === 0) return;
      const chosenEdges = new Set(store.getState().selection.edges);
      for (const change of chosen) {
        if (change.selected) chosenEdges.add(change.id);
        else chosenEdges.delete(change.id);
      }
      store.getState().select({ edges: chosenEdges });
    },
    [store],
  );

  /** The edge under a point of the document that an operator of this kind could stand in. */
  const edgeUnder = useCallback(
    (at: Point, algoName: string, except?: string): EdgeModel | null => {
      const kind = catalogue.get(algoName);
      if (!kind) return null;
      let best: EdgeModel | null = null;
      let least = DROP_DISTANCE;
      for (const wire of ends) {
        if (wire.edge.source === except || wire.edge.target === except) continue;
        const distance = distanceToEdge(at, wire.from, wire.to);
        if (distance >= least || !insertion(store.getState().dag, catalogue, kind, wire.edge)) continue;
        least = distance;
        best = wire.edge;
      }
      return best;
    },
    [catalogue, ends, store],
  );

  const onNodeDragStop = useCallback(
    (_: unknown, node: OperatorFlowNode, dragged: OperatorFlowNode[]) => {
      const { dag: now, edit } = store.getState();
      const places = new Map(now.operators.map((operator) => [operator.id, operator]));
      const moved = [...dragged, ...restOfSelection(store.getState().selection.operators, dragged, places, node)];
      const edits = moved.flatMap((one): Edit[] => {
        const operator = places.get(one.id);
        const x = Math.round(one.position.x);
        const y = Math.round(one.position.y);
        if (!operator || (operator.coordinate && operator.coordinate.x === x && operator.coordinate.y === y)) return [];
        return [{ type: "set_coordinate", operator: one.id, x, y }];
      });
      const operator = places.get(node.id);
      const lonely = dragged.length === 1 && operator && !now.edges.some((edge) => edge.source === node.id || edge.target === node.id);
      if (lonely) {
        const under = edgeUnder({ x: node.position.x + NODE_WIDTH / 2, y: node.position.y + NODE_HEIGHT / 2 }, operator.algo_name, node.id);
        const wired = under && insertOnEdge(now, catalogue, operator, under, false);
        if (wired) {
          edit("editor:step.insert", [...edits, ...wired]);
          return;
        }
      }
      if (edits.length > 0) edit("editor:step.move", edits);
      else setMoving(null);
    },
    [store, catalogue, edgeUnder],
  );

  const refuse = useCallback((verdict: Verdict) => {
    if (!verdict.ok) say(refusalText(verdict), "bad");
    else if (verdict.warning) say(i18next.t(`editor:connect.${verdict.warning}`), "plain");
  }, []);

  const draw = useCallback(
    (edge: EdgeModel) => {
      const { dag: now, edit } = store.getState();
      const { verdict, edits } = connect(now, catalogue, edge);
      refuse(verdict);
      if (verdict.ok) edit(verdict.replaces ? "editor:step.replaceEdge" : "editor:step.connect", edits);
    },
    [catalogue, refuse, store],
  );

  const onConnectStart = useCallback<OnConnectStart>(
    (_, { nodeId, handleId, handleType }) => {
      if (!nodeId) return;
      const from: From = { id: nodeId, port: portOf(handleId), side: handleType === "target" ? "in" : "out" };
      beginConnecting(store.getState().dag, catalogue, from);
    },
    [catalogue, store],
  );

  const onConnect = useCallback(
    (connection: Connection) => draw({ source: connection.source, source_index: portOf(connection.sourceHandle), target: connection.target, target_index: portOf(connection.targetHandle) }),
    [draw],
  );

  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      const { from, verdicts } = useConnecting.getState();
      endConnecting();
      if (!from || state.isValid) return;
      const handle = state.toHandle;
      if (handle) {
        const verdict = verdicts.get(portKey(handle.nodeId, handle.type === "target" ? "in" : "out", portOf(handle.id)));
        if (verdict) refuse(verdict);
        else if (handle.nodeId !== from.id || handle.id !== `${from.side}-${from.port}`) say(t(from.side === "out" ? "connect.toInput" : "connect.toOutput"), "bad");
        return;
      }
      const touch = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!touch) return;
      const screen = { x: touch.clientX, y: touch.clientY };
      const body = document.elementFromPoint(screen.x, screen.y)?.closest<HTMLElement>(".react-flow__node");
      if (body?.dataset.id && body.dataset.id !== from.id) {
        // On the body of a node: its first port that takes it.
        const id = body.dataset.id;
        const side = from.side === "out" ? "in" : "out";
        let firstRefusal: Verdict | undefined;
        for (const [key, verdict] of verdicts) {
          if (!key.startsWith(`${id}/${side}-`)) continue;
          if (!verdict.ok) {
            firstRefusal ??= verdict;
            continue;
          }
          const port = Number(key.slice(key.lastIndexOf("-") + 1));
          draw(side === "in" ? { source: from.id, source_index: from.port, target: id, target_index: port } : { source: id, source_index: port, target: from.id, target_index: from.port });
          return;
        }
        if (firstRefusal) refuse(firstRefusal);
        return;
      }
      if (pane.current?.contains(document.elementFromPoint(screen.x, screen.y))) {
        useUi.setState({ quickAdd: { screen, at: flow.screenToFlowPosition(screen), from, into: null } });
      }
    },
    [draw, flow, refuse, t],
  );

  const isValid = useCallback((connection: Connection | OperatorFlowEdge) => {
    const { from, verdicts } = useConnecting.getState();
    if (!from) return false;
    const key = from.side === "out"
      ? portKey(connection.target, "in", portOf(connection.targetHandle))
      : portKey(connection.source, "out", portOf(connection.sourceHandle));
    return verdicts.get(key)?.ok ?? false;
  }, []);

  const onDrop = useCallback(
    (event: DragEvent) => {
      const what = dropped(event.dataTransfer, catalogue);
      if (!what || readOnly) return;
      event.preventDefault();
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      add({ ...what, at, into: edgeUnder(at, what.kind.algo_name) });
      pane.current?.focus();
    },
    [add, catalogue, edgeUnder, flow, readOnly],
  );

  const openMenu = useCallback((event: MouseEvent | globalThis.MouseEvent, target: { kind: "operator"; id: string } | { kind: "edge"; edge: EdgeModel } | { kind: "canvas" }) => {
    event.preventDefault();
    const { selection: now, select } = store.getState();
    if (target.kind === "operator" && !now.operators.has(target.id)) select({ operators: new Set([target.id]), edges: new Set() });
    if (target.kind === "edge") select({ operators: new Set(), edges: new Set([edgeKey(target.edge)]) });
    useUi.setState({ menu: { screen: { x: event.clientX, y: event.clientY }, target } });
  }, [store]);

  const farClick = useCallback(
    (event: MouseEvent) => {
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const hit = operatorAt(dag.operators, at);
      store.getState().select({ operators: new Set(hit ? [hit.id] : []), edges: new Set() });
      if (hit && event.detail === 2) void flow.setCenter(at.x, at.y, { zoom: 1, duration: 250 });
    },
    [dag.operators, flow, store],
  );

  const zooming = useZooming(big);
  const mounted = useMounted(big, far, zooming, moving ?? nodes, edges);
  return (
    <div
      ref={pane}
      className={big ? `canvas canvas-big${zooming ? " canvas-zooming" : ""}` : "canvas"}
      tabIndex={-1}
      data-testid="canvas"
      data-far={far}
      onDragOver={(event) => { if (draggedOver(event.dataTransfer)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } }}
      onDrop={onDrop}
      onPointerMove={(event) => { pointer.current = { x: event.clientX, y: event.clientY }; }}
      onPointerLeave={() => { pointer.current = null; }}
      onClick={far ? farClick : undefined}
    >
      <ReactFlow<OperatorFlowNode, OperatorFlowEdge>
        nodes={mounted.nodes}
        edges={mounted.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeDragStop={onNodeDragStop}
        onSelectionDragStop={(event, dragged) => { if (dragged[0]) onNodeDragStop(event, dragged[0], dragged); }}
        onConnectStart={onConnectStart}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        isValidConnection={isValid}
        onNodeContextMenu={(event, node) => openMenu(event, { kind: "operator", id: node.id })}
        onEdgeContextMenu={(event, edge) => { if (edge.data) openMenu(event, { kind: "edge", edge: edge.data.edge }); }}
        onPaneContextMenu={(event) => openMenu(event, { kind: "canvas" })}
        onSelectionContextMenu={(event, chosen) => { if (chosen[0]) openMenu(event, { kind: "operator", id: chosen[0].id }); }}
        onMoveStart={() => pane.current?.classList.add("canvas-moving")}
        onMoveEnd={() => pane.current?.classList.remove("canvas-moving")}
        onNodeDoubleClick={() => openTab("preview")}
        onPaneClick={() => { if (!far) store.getState().select({ operators: new Set(), edges: new Set() }); }}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={["Control", "Meta"]}
        selectionMode={SelectionMode.Partial}
        panOnScroll={false}
        zoomOnDoubleClick={false}
        minZoom={MIN_ZOOM}
        maxZoom={MAX_ZOOM}
        snapToGrid={false}
        snapGrid={[GRID, GRID]}
        onlyRenderVisibleElements={!big}
        elevateNodesOnSelect={false}
        elevateEdgesOnSelect={false}
        connectionRadius={26}
        proOptions={{ hideAttribution: true }}
        nodesFocusable
        edgesFocusable
        disableKeyboardA11y={false}
        ariaLabelConfig={{ "node.a11yDescription.default": t("node.help"), "edge.a11yDescription.default": t("edge.help") }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--grid-dot)" />
        <Overview painting={painting} shown={big} mounted={zooming ? NOBODY : mounted.ids} />
        <Notes />
        <Refusal refusal={refusal} />
      </ReactFlow>
      {dag.operators.length > 0 ? <MiniMap painting={painting} /> : null}
    </div>
  );
});

/** What is selected but out of sight goes the same way as what was dragged. */
function restOfSelection(selected: ReadonlySet<string>, dragged: readonly OperatorFlowNode[], places: ReadonlyMap<string, OperatorModel>, node: OperatorFlowNode): { id: string; position: Point }[] {
  const start = places.get(node.id);
  if (!start || !selected.has(node.id)) return [];
  const by = { x: node.position.x - positionOf(start).x, y: node.position.y - positionOf(start).y };
  const known = new Set(dragged.map((one) => one.id));
  return [...selected].flatMap((id) => {
    const operator = places.get(id);
    return !operator || known.has(id) ? [] : [{ id, position: { x: positionOf(operator).x + by.x, y: positionOf(operator).y + by.y } }];
  });
}

function operatorAt(operators: readonly OperatorModel[], at: Point): OperatorModel | undefined {
  return operators.findLast((operator) => {
    const { x, y } = positionOf(operator);
    return at.x >= x && at.x <= x + NODE_WIDTH && at.y >= y && at.y <= y + NODE_HEIGHT;
  });
}

/** Whether a big graph is zoomed so far out that it is drawn as a picture; the border is not the same both ways, so that it doesn't flicker. */
function useFar(count: number): boolean {
  const was = useRef(false);
  return useStore((state) => {
    const zoom = state.transform[2];
    was.current = count > MOST_NODES_WHEN_FAR && zoom < (was.current ? FAR_ZOOM + HYSTERESIS : FAR_ZOOM);
    return was.current;
  });
}

/** Gives commands a hold of the canvas. */
function useControl(pane: { current: HTMLDivElement | null }, pointer: { current: Point | null }): void {
  const flow = useReactFlow();
  const store = useEditorStore();
  useEffect(() => {
    const middleOfPane = () => {
      const box = pane.current?.getBoundingClientRect();
      return box ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : { x: 0, y: 0 };
    };
    const fit = () => {
      const dag = shownDag(store.getState());
      if (dag.operators.length > 0) void flow.fitBounds(boundsOf(dag), { padding: 0.12 }).then(() => {
        if (flow.getZoom() > 1.2) void flow.zoomTo(1.2).then(() => centre());
      });
    };
    const centre = () => {
      const box = boundsOf(shownDag(store.getState()));
      void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom: flow.getZoom() });
    };
    useUi.setState({
      control: {
        fit,
        zoom: (way) => void (way === "in" ? flow.zoomIn() : way === "out" ? flow.zoomOut() : flow.zoomTo(1)),
        reveal: (id) => {
          const operator = shownDag(store.getState()).operators.find((one) => one.id === id);
          if (!operator) return;
          const { x, y } = positionOf(operator);
          void flow.setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, { zoom: Math.max(flow.getZoom(), 0.7), duration: 200 });
        },
        cursor: () => {
          const screen = pointer.current ?? middleOfPane();
          return { screen, at: flow.screenToFlowPosition(screen) };
        },
        middle: () => flow.screenToFlowPosition(middleOfPane()),
      },
    });
    return () => useUi.setState({ control: null });
  }, [flow, pane, pointer, store]);
}

/** The first look at a document: where its own viewport shows something, there; else all of it. */
function useFirstView(ready: boolean): void {
  const done = useRef(false);
  const flow = useReactFlow();
  const store = useEditorStore();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    if (done.current || width === 0) return;
    done.current = true;
    // An empty document stays where it is: what is put on it mustn't jump.
    if (!ready) return;
    const { viewport, operators } = store.getState().dag;
    const [x, y] = viewport?.translate ?? [0, 0];
    const zoom = Math.min(Math.max(viewport?.scale ?? 0, 0), MAX_ZOOM);
    const inSight = operators.filter((operator) => {
      const at = positionOf(operator);
      const left = at.x * zoom + x;
      const top = at.y * zoom + y;
      return left >= 0 && top >= 0 && left + NODE_WIDTH * zoom <= width && top + NODE_HEIGHT * zoom <= height;
    });
    if (viewport?.translate && zoom >= 0.3 && inSight.length === operators.length) void flow.setViewport({ x, y, zoom });
    else useUi.getState().control?.fit();
  }, [ready, width, height, flow, store]);
}
