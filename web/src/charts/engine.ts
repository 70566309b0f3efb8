// The parts of ECharts that are used, in one chunk that is loaded with the first chart.
import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { init, use as register } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import type { EChartsOption } from "echarts";

register([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export interface Engine {
  set: (option: EChartsOption) => void;
  resize: () => void;
  /** A picture as a data address. */
  png: (background: string) => string;
  dispose: () => void;
}

export function mount(element: HTMLElement): Engine {
  const chart = init(element, null, { renderer: "canvas" });
  return {
    set: (option) => {
      chart.setOption(option, { notMerge: true, lazyUpdate: false });
      // Into the frame that is being made, not the one after it.
      chart.getZr().flush();
    },
    resize: () => chart.resize(),
    png: (backgroundColor) => chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor }),
    dispose: () => chart.dispose(),
  };
}

/** The same chart as SVG text, drawn off the page. */
export function svg(option: EChartsOption, width: number, height: number, backgroundColor: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ ...option, backgroundColor, animation: false });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}
