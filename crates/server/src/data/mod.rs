//! Tables that come in and go out: uploads, datasets, downloads.

mod copies;
mod datasets;
mod download;
mod new_dataset;
mod places;
mod upload;
mod work;

pub(crate) use download::{Attachment, attach};
pub(crate) use new_dataset::make_sample;
pub(crate) use places::Places;

use crate::router::{Route, Takes, delete, get, post};
use suanzi_api::{self as api, path};

/// What an upload's content type may be. The first four say the format, the last leaves it to the name.
const UPLOAD_TYPES: &[&str] = &[
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.apache.parquet",
    "application/x-ndjson",
    "application/octet-stream",
];

/// What an output may leave as.
const DOWNLOADS: [&str; 6] = [
    "text/csv",
    "application/vnd.apache.parquet",
    "application/x-ndjson",
    "application/vnd.apache.arrow.file",
    "application/json",
    "application/octet-stream",
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post(path::UPLOADS, Takes::Types(UPLOAD_TYPES), upload::upload)
            .does("Upload a file and look into it")
            .query::<api::UploadQuery>()
            .gives::<api::UploadView>(201),
        delete(path::UPLOAD, upload::discard).does("Drop an upload").gives_nothing(204),
        get(path::DATASETS, datasets::list).does("All datasets").gives::<api::Items<api::DatasetView>>(200),
        post(path::DATASETS, Takes::Json, new_dataset::make)
            .does("Import an upload, or register a file of a listed directory")
            .asks::<api::NewDataset>()
            .gives::<api::DatasetView>(201),
        get(path::DATASET, datasets::show).does("A dataset's columns and statistics").gives::<api::DatasetDetail>(200),
        get(path::DATASET_ROWS, datasets::rows)
            .does("Rows of a dataset")
            .query::<api::RowsQuery>()
            .gives::<api::Preview>(200),
        delete(path::DATASET, datasets::remove)
            .does("Forget a dataset; an imported one's file goes too")
            .gives_nothing(204),
        get(path::OUTPUT_DOWNLOAD, download::output)
            .does("An output as a file")
            .query::<api::DownloadQuery>()
            .gives_file(&DOWNLOADS),
    ]
}
