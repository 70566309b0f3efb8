// Datasets: uploading files, importing them with chosen types, looking into them.
import { lost } from "./connection";
import { changeHeaders, json, nothing, part } from "./http";
import type { ColumnView, Preview, TableStats } from "./outputs";
import { Problem, Unreachable } from "./problem";
import type { Page } from "./types";

export interface DatasetItem {
  id: string;
  title: string;
  description: string;
  format?: string;
  rows?: number;
  /** How many. */
  columns?: number;
  bytes?: number;
  created_at_ms: number;
  /** Of a file that isn't the server's own. */
  path?: string;
}

export interface DatasetDetail {
  dataset: DatasetItem;
  columns: ColumnView[];
  statistics: TableStats;
}

export interface UploadColumn {
  name: string;
  type: string;
  nullable: boolean;
  examples: string[];
}

export interface Upload {
  upload_id: string;
  name: string;
  format: string;
  bytes: number;
  columns: UploadColumn[];
  rows_sampled: number;
  /** Those are all rows. */
  whole: boolean;
  warnings: string[];
}

export interface NewDataset {
  id?: string;
  title: string;
  description?: string;
  upload_id: string;
  /** Types other than those found. */
  columns?: ColumnView[];
}

export function listDatasets(): Promise<Page<DatasetItem>> {
  return json("/datasets", { query: { limit: 1000 } });
}

export function getDataset(id: string, signal?: AbortSignal): Promise<DatasetDetail> {
  return json(`/datasets/${part(id)}`, { signal });
}

export function getDatasetRows(id: string, offset: number, limit: number, signal?: AbortSignal): Promise<Preview> {
  return json(`/datasets/${part(id)}/rows`, { query: { offset, limit }, signal });
}

export function createDataset(dataset: NewDataset): Promise<DatasetItem> {
  return json("/datasets", { method: "POST", json: dataset });
}

export function deleteDataset(id: string): Promise<void> {
  return nothing(`/datasets/${part(id)}`, { method: "DELETE" });
}

export function dropUpload(id: string): Promise<void> {
  return nothing(`/uploads/${part(id)}`, { method: "DELETE" });
}

/** Sends a file and says how far it is, from 0 to 1. `fetch` can't tell that, so it isn't used here. */
export async function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Upload> {
  const headers = await changeHeaders();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/uploads?name=${encodeURIComponent(file.name)}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    // The server goes by the name's ending: browsers give types of their own to CSV.
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
    };
    request.onload = () => {
      let body: Record<string, unknown> = {};
      try {
        body = JSON.parse(request.responseText) as Record<string, unknown>;
      } catch {
        // An answer that isn't JSON has a status at least.
      }
      if (request.status === 201) resolve(body as unknown as Upload);
      else reject(new Problem(request.status, body));
    };
    request.onerror = () => {
      lost();
      reject(new Unreachable());
    };
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
