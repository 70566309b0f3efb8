// Whether a big graph is being zoomed. Until that is still, the picture beneath shows all of it: drawing nodes anew at every scale is what costs without a GPU.
import { useStoreApi } from "@xyflow/react";
import { useEffect, useState } from "react";

const STILL_MS = 140;

export function useZooming(big: boolean): boolean {
  const flow = useStoreApi();
  const [zooming, setZooming] = useState(false);
  useEffect(() => {
    if (!big) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = flow.subscribe((state, before) => {
      if (state.transform[2] === before.transform[2]) return;
      setZooming(true);
      clearTimeout(timer);
      timer = setTimeout(() => setZooming(false), STILL_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      setZooming(false);
    };
  }, [big, flow]);
  return zooming;
}
