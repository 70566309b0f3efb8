// One icon for each category of operators.
import { Boxes, BrainCircuit, ChartSpline, Database, FlaskConical, Gauge, type LucideIcon, Rocket, Shapes, WandSparkles } from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  source: Database,
  preprocess: WandSparkles,
  feature: Shapes,
  train: BrainCircuit,
  predict: FlaskConical,
  evaluate: Gauge,
  statistics: ChartSpline,
  deploy: Rocket,
};

export function categoryIcon(category: string | undefined): LucideIcon {
  return ICONS[category ?? ""] ?? Boxes;
}

export const CATEGORIES = ["source", "preprocess", "feature", "train", "predict", "evaluate", "deploy", "other"] as const;
