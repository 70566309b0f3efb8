// What each template looks like.
import { Boxes, ChartSpline, CodeXml, CreditCard, LayoutTemplate, type LucideIcon, MessageSquareText } from "lucide-react";

const ICONS: Record<string, LucideIcon> = { credit: CreditCard, regression: ChartSpline, clustering: Boxes, text: MessageSquareText, "own-function": CodeXml };

export function templateIcon(id: string): LucideIcon {
  return ICONS[id] ?? LayoutTemplate;
}
