// Files that leave the editor: the DAG's text, byte for byte, and pictures of the graph.
import i18next from "i18next";
import type { DagModel } from "@/api/types";
import { versionSource } from "@/api/dags";
import { complain } from "@/app/toasts";
import { type Catalogue, NODE_HEIGHT, NODE_WIDTH, positionOf } from "@/graph/model";
import { edgePath, inputs, outputs, portAt } from "./canvas/geometry";
import { namesOf } from "./canvas/names";
import { boundsOf, wires } from "./canvas/paint";
import { isDirty, shownDag } from "./state/context";
import type { EditorActions, EditorState } from "./state/types";

export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function fileName(state: EditorState, end: string): string {
  const title = state.title.replace(/[\\/:*?"<>|]+/g, "-").replace(/\.(ya?ml|json)$/i, "").trim() || "dag";
  return `${title}.${end}`;
}

/** The saved version as the server has it; what isn't saved as it stands here. */
export async function exportYaml(state: EditorState & EditorActions): Promise<void> {
  try {
    if (state.viewed) download(fileName(state, "yaml"), new Blob([state.viewed.source], { type: "application/yaml" }));
    else if (!isDirty(state) && state.version > 0) download(fileName(state, "yaml"), await versionSource(state.dagId, state.version));
    else download(fileName(state, "yaml"), new Blob([await state.text()], { type: "application/yaml" }));
  } catch (error) {
    complain(error);
  }
}

const PAD = 30;

export function exportPicture({ state, catalogue }: { state: EditorState; catalogue: Catalogue }, kind: "png" | "svg"): void {
  const dag = shownDag(state);
  const svg = pictureOf(dag, catalogue);
  if (kind === "svg") {
    download(fileName(state, "svg"), new Blob([svg], { type: "image/svg+xml" }));
    return;
  }
  const box = boundsOf(dag);
  const width = box.width + 2 * PAD;
  const height = box.height + 2 * PAD;
  // Browsers draw no canvas beyond some 16,000 pixels.
  const scale = Math.min(2, 14_000 / Math.max(width, height));
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    if (!context) return;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      if (blob) download(fileName(state, "png"), blob);
    }, "image/png");
  };
  image.onerror = () => complain(new Error(i18next.t("editor:export.failed")));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

const escape = (text: string) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);

/** The graph as SVG in the theme's colours; it needs nothing beside itself. */
export function pictureOf(dag: DagModel, catalogue: Catalogue): string {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const box = boundsOf(dag);
  const language = i18next.language === "zh" ? "zh" : "en";
  const types = new Map(dag.operators.map((operator) => [operator.id, catalogue.get(operator.algo_name)]));
  const parts: string[] = [];
  for (const { edge, from, to } of wires(dag, catalogue)) {
    const type = types.get(edge.source)?.outputs[edge.source_index]?.type ?? "any";
    parts.push(`<path d="${edgePath(from, to)}" fill="none" stroke="${colour(`--port-${type}`)}" stroke-width="1.7"/>`);
  }
  for (const operator of dag.operators) {
    const kind = types.get(operator.id);
    const { x, y } = positionOf(operator);
    const { title, second } = namesOf(operator, kind, language);
    parts.push(
      `<g${operator.disabled ? ' opacity="0.5"' : ""}><rect x="${x}" y="${y}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="8" fill="${colour("--surface")}" stroke="${colour("--line-strong")}"/>`,
      `<text x="${x + 14}" y="${y + 20}" font-size="13" font-weight="600" fill="${colour("--text")}">${escape(shorten(title, 20))}</text>`,
      `<text x="${x + 14}" y="${y + 35}" font-size="10.5" fill="${colour("--text-3")}">${escape(shorten(second, 28))}</text></g>`,
    );
    for (const side of ["in", "out"] as const) {
      const count = side === "in" ? inputs(kind) : outputs(kind);
      for (let port = 0; port < count; port += 1) {
        const at = portAt(count, port, side);
        const type = (side === "in" ? kind?.inputs[port]?.type : kind?.outputs[port]?.type) ?? "any";
        parts.push(`<circle cx="${x + at.x}" cy="${y + at.y}" r="4.5" fill="${colour(`--port-${type}`)}" stroke="${colour("--surface")}" stroke-width="1.5"/>`);
      }
    }
  }
  const width = box.width + 2 * PAD;
  const height = box.height + 2 * PAD;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${box.x - PAD} ${box.y - PAD} ${width} ${height}" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"><rect x="${box.x - PAD}" y="${box.y - PAD}" width="${width}" height="${height}" fill="${colour("--bg")}"/>${parts.join("")}</svg>`;
}

/** Chinese characters are about twice as wide. */
function shorten(text: string, room: number): string {
  let used = 0;
  let shown = "";
  for (const sign of text) {
    used += sign.charCodeAt(0) > 0x2e80 ? 1.8 : 1;
    if (used > room) return `${shown}…`;
    shown += sign;
  }
  return shown;
}
