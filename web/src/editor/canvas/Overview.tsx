// A big graph on one 2D canvas, beneath the nodes: all of it when zoomed far out, what isn't mounted yet when near.
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useTheme } from "@/app/theme";
import { useLookStore } from "../state/looks";
import { type Painting, paint, paints } from "./paint";

/** States may change hundreds of times a second; the picture follows ten times. */
const STATES_MS = 100;
/** After so long without a move, the picture is drawn with all it has. */
const STILL_MS = 120;

export function Overview({ painting, shown, mounted }: { painting: Omit<Painting, "looks" | "skip">; shown: boolean; mounted: ReadonlySet<string> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const flow = useStoreApi();
  const looks = useLookStore();
  const theme = useTheme((state) => state.theme);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || !shown) return;
    let due = 0;
    const colours = paints();
    let quick = false;
    let still: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      due = 0;
      const { transform, width, height } = flow.getState();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
      }
      const [x, y, zoom] = transform;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      context.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
      const box = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
      paint(context, { ...painting, looks: looks.getState().looks, skip: mounted }, colours, box, zoom, quick);
    };
    const soon = () => {
      if (due === 0) due = requestAnimationFrame(draw);
    };
    const move = () => {
      quick = true;
      clearTimeout(still);
      still = setTimeout(() => { quick = false; soon(); }, STILL_MS);
      soon();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => { timer ??= setTimeout(() => { timer = undefined; soon(); }, STATES_MS); };
    draw();
    const stop = [
      flow.subscribe((state, before) => {
        if (state.transform !== before.transform || state.width !== before.width || state.height !== before.height) move();
      }),
      looks.subscribe(later),
    ];
    return () => {
      cancelAnimationFrame(due);
      clearTimeout(timer);
      clearTimeout(still);
      for (const end of stop) end();
    };
  }, [flow, looks, painting, shown, theme, mounted]);

  return <canvas ref={canvas} className="overview" hidden={!shown} aria-hidden />;
}
