// Runs the layout beside the page, which stays responsive meanwhile.
import { type LayoutGraph, layout } from "./layout";

self.onmessage = (message: MessageEvent<LayoutGraph>) => {
  self.postMessage(layout(message.data));
};
