// Ready pipelines to begin with; those that read a sample dataset bring it along.
import { Boxes, ChartSpline, CodeXml, CreditCard, type LucideIcon, MessageSquareText } from "lucide-react";
import credit from "../../../examples/credit-mended.yaml?raw";
import clustering from "./clustering.yaml?raw";
import ownFunction from "./function.yaml?raw";
import regression from "./regression.yaml?raw";
import text from "./text.yaml?raw";

export interface Template {
  /** Its words are `templates:ID.title` and `templates:ID.description`. */
  id: "credit" | "regression" | "clustering" | "text" | "function";
  icon: LucideIcon;
  source: string;
  /** The id of the sample dataset that it reads. */
  sample?: string;
}

export const TEMPLATES: readonly Template[] = [
  { id: "credit", icon: CreditCard, source: credit.replace("data_id: 40", "data_id: sample-credit"), sample: "sample-credit" },
  { id: "regression", icon: ChartSpline, source: regression },
  { id: "clustering", icon: Boxes, source: clustering },
  { id: "text", icon: MessageSquareText, source: text, sample: "sample-reviews" },
  { id: "function", icon: CodeXml, source: ownFunction },
];
