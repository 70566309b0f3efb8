//! Lists in pages: each names the place where the next one begins.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most items one page holds.
pub const MAX_PAGE_ITEMS: u32 = 1_000;
/// Items of a page unless `limit` says otherwise.
pub const DEFAULT_PAGE_ITEMS: u32 = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// To be sent as `before` for the page that follows; null after the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// Everything there is, in one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Most items of the page; 100 unless given.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub before: Option<String>,
}
