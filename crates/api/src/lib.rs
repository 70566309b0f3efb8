//! Shapes of the HTTP API, shared by the server and its clients. Plain data: nothing here knows how a run is made.

mod dag_model;
mod dags;
mod datasets;
mod document;
mod event;
mod list;
mod models;
mod operators;
pub mod path;
mod problem;
mod report;
mod run;
mod schedules;
mod services;
mod session;
pub mod sse;
mod stats;
mod task;
mod templates;

pub use dag_model::{
    Coordinate, DagField, DagModel, EdgeModel, Edit, OperatorField, OperatorModel, Resources, Viewport,
};
pub use dags::{
    DagCreated, DagSaved, DagSummary, DagText, DagVersionView, DagView, DagsQuery, DraftSaved, DraftView, LastRun,
    NewDagQuery,
};
pub use datasets::{DatasetDetail, DatasetView, NewDataset, TableFormat, UploadColumn, UploadQuery, UploadView};
pub use document::{
    DocumentView, EditAnswer, EditRequest, FixRequest, FixView, ForgetRequest, ForgetView, LintFinding, LintFix,
    PlanRequest, PlanRow, PlanView, ScriptRequest, ScriptView, Severity, SourceText, Verdict, Words,
};
pub use event::{AnyEvent, EventOfRun, Notice, RunEvent, TaskError};
pub use list::{DEFAULT_PAGE_ITEMS, Items, MAX_PAGE_ITEMS, Page, PageQuery};
pub use models::{
    AliasRequest, AliasView, CardQuery, CompareQuery, ComparedMetric, ComparedVersion, ComparedWord, Judgement,
    MAX_COMPARED_VERSIONS, ModelComparison, ModelVersionView, VersionName,
};
pub use operators::{
    ExecutorState, ExecutorView, InputPort, LimitsView, OperatorKind, OutputPort, ParamKind, PythonView, SettingsView,
};
pub use problem::{Code, Fault, Problem};
pub use report::{
    CellDiff, ColumnDiff, Divergence, MetricDiff, OperatorReport, OutputReport, ParamDiff, RowDiff, RunDiff, RunReport,
    SchemaDiff, StatusDiff, TableDiff,
};
pub use run::{
    CacheMode, Health, MlflowState, MlflowView, RunOptions, RunState, RunView, RunsQuery, SubmitAnswer, SubmitRequest,
    TaskState,
};
pub use schedules::{
    DueOutcome, DueQuery, DueTimes, HistoryQuery, LastDue, MAX_DUE_TIMES, MissedPolicy, PastDue, Paused,
    SchedulePreview, ScheduleView,
};
pub use services::{
    DeployRequest, LatencyBucket, MAX_INVOCATION_BYTES, MAX_INVOCATION_ROWS, MAX_SERVICE_CONCURRENCY, ModelVersionRef,
    ServiceColumn, ServiceRuntime, ServiceState, ServiceView, Traffic,
};
pub use session::{CodeView, SessionView, SignIn};
pub use stats::{ColumnKind, ColumnStats, Distinct, Histogram, Quantile, TableStats, TopValue};
pub use task::{
    AttemptStatus, AttemptView, CachedFrom, ColumnView, DownloadQuery, LogChunk, LogQuery, LogStreamQuery, LogView,
    OutputDetail, OutputView, Preview, RowsQuery, StoryLine, TaskDetail, TaskStatus, TaskView,
};
pub use templates::TemplateView;

/// Largest uploaded file, in bytes.
pub const MAX_UPLOAD_BYTES: u64 = 8 << 30;
/// Largest request body otherwise, in bytes.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// Carries a session's `csrf` with each unsafe request that a cookie authenticates.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// On every answer: names it in reports.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// Media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
