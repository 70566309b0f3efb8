// A small picture of the whole graph; a click or a drag goes there.
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useTheme } from "@/app/theme";
import { NODE_HEIGHT, NODE_WIDTH, positionOf } from "@/graph/model";
import { useLookStore } from "../state/looks";
import { type Painting, boundsOf, paints } from "./paint";

const WIDTH = 176;
const HEIGHT = 116;
const PAD = 60;
/** States may change hundreds of times a second; the small picture follows at its own pace. */
const REDRAW_MS = 200;

export function MiniMap({ painting }: { painting: Omit<Painting, "looks" | "skip"> }) {
  const { t } = useTranslation("editor");
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const flow = useStoreApi();
  const { setCenter, getZoom } = useReactFlow();
  const looks = useLookStore();
  const theme = useTheme((state) => state.theme);
  const fit = useRef({ scale: 1, x: 0, y: 0 });

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    element.width = WIDTH * ratio;
    element.height = HEIGHT * ratio;
    const colours = paints();
    const box = boundsOf(painting.dag);
    const scale = Math.min(WIDTH / (box.width + 2 * PAD), HEIGHT / (box.height + 2 * PAD), 0.16);
    fit.current = { scale, x: WIDTH / 2 - (box.x + box.width / 2) * scale, y: HEIGHT / 2 - (box.y + box.height / 2) * scale };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      const { x, y } = fit.current;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
      const now = looks.getState().looks;
      for (const operator of painting.dag.operators) {
        const at = positionOf(operator);
        const status = now.get(operator.id)?.status ?? "idle";
        context.fillStyle = painting.selected.has(operator.id) ? colours.accent : status === "idle" ? colours.line : colours.states[status];
        context.fillRect(at.x, at.y, NODE_WIDTH, NODE_HEIGHT);
      }
    };
    draw();
    const stopLooks = looks.subscribe(() => { timer ??= setTimeout(draw, REDRAW_MS); });
    const move = () => {
      const { transform: [x, y, zoom], width, height } = flow.getState();
      const at = fit.current;
      if (!frame.current) return;
      const left = (-x / zoom) * scale + at.x;
      const top = (-y / zoom) * scale + at.y;
      frame.current.style.transform = `translate(${left}px, ${top}px)`;
      frame.current.style.width = `${(width / zoom) * scale}px`;
      frame.current.style.height = `${(height / zoom) * scale}px`;
    };
    move();
    const stopMoves = flow.subscribe((state, before) => { if (state.transform !== before.transform || state.width !== before.width) move(); });
    return () => {
      clearTimeout(timer);
      stopLooks();
      stopMoves();
    };
  }, [flow, looks, painting, theme]);

  const goTo = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === "pointermove" && event.buttons !== 1) return;
    const around = event.currentTarget.getBoundingClientRect();
    const { scale, x, y } = fit.current;
    void setCenter((event.clientX - around.left - x) / scale, (event.clientY - around.top - y) / scale, { zoom: getZoom() });
  };

  return (
    <div className="minimap" style={{ width: WIDTH, height: HEIGHT }} onPointerDown={goTo} onPointerMove={goTo} role="img" aria-label={t("minimap")} data-testid="minimap">
      <canvas ref={canvas} style={{ width: WIDTH, height: HEIGHT }} />
      <div ref={frame} className="minimap-frame" />
    </div>
  );
}
