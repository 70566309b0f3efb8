// Makes a DAG of a template, with its sample dataset where that isn't there yet.
import { createDag } from "@/api/dags";
import { createDataset, listDatasets, upload } from "@/api/datasets";
import { keys, queries } from "@/api/queries";
import { SAMPLES } from "./samples";
import type { Template } from "./templates";

/** The new DAG's id. */
export async function begin(template: Template, title: string, sampleTitle: (name: string) => string): Promise<string> {
  if (template.sample !== undefined) await addSample(template.sample, sampleTitle);
  const { dag_id } = await createDag(template.source, title);
  await queries.invalidateQueries({ queryKey: keys.dags });
  return dag_id;
}

/** Does nothing where the dataset is there. */
export async function addSample(id: string, title: (name: string) => string): Promise<void> {
  const sample = SAMPLES.find((one) => one.id === id);
  const { items } = await listDatasets();
  if (!sample || items.some((item) => item.id === id)) return;
  const file = new File([sample.csv()], `${id}.csv`, { type: "text/csv" });
  const { upload_id } = await upload(file, () => undefined, new AbortController().signal);
  await createDataset({ id, title: title(sample.name), upload_id });
  await queries.invalidateQueries({ queryKey: keys.datasets });
}
