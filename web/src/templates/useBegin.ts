// Begins a DAG from a template and opens it.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { go, to } from "@/app/router";
import { complain } from "@/app/toasts";
import { begin } from "./begin";
import type { Template } from "./templates";

export function useBegin(): { busy: boolean; start: (template: Template) => Promise<void> } {
  const { t } = useTranslation("templates");
  const [busy, setBusy] = useState(false);
  const start = async (template: Template) => {
    setBusy(true);
    try {
      const dagId = await begin(template, t(`${template.id}.title`), (name) => t(`sample.${name}`));
      go(to("/dags/:dagId", { dagId }));
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };
  return { busy, start };
}
