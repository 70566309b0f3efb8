//! The API as OpenAPI 3.1, made from the router's own table: a route that isn't in it doesn't exist, and none is left out.

use crate::problem::Answer;
use crate::router::{Route, Takes, is_public, routes};
use axum::http::{Method, header};
use axum::response::IntoResponse;
use std::sync::OnceLock;
use suanzi_api::{self as api, Code, PROBLEM_JSON, Problem};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder,
    PathItem, Paths, RefOr, Required, ResponseBuilder, Schema, Type,
};
use utoipa::{IntoParams, ToSchema};

const ABOUT: &str = "Everything that Suanzi's canvas, command line and SDK ask of a server. Requests carry the token as Bearer, or a session's cookie; those of a session that change something also carry its `csrf` in the header X-CSRF-Token. Errors are application/problem+json with a stable code.";

/// What a route says of itself. Its path, method and content types are in the table already.
#[derive(Default)]
pub(crate) struct Doc {
    name: String,
    summary: &'static str,
    asks: Option<RefOr<Schema>>,
    params: Vec<Parameter>,
    gives: Vec<Gives>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

struct Gives {
    status: u16,
    media: &'static str,
    schema: Option<RefOr<Schema>>,
}

impl Doc {
    /// Of a handler, whose name is the operation's.
    pub fn of<H>() -> Doc {
        Doc { name: name_of::<H>(), ..Doc::default() }
    }
}

impl Route {
    /// What it does, in one sentence.
    pub fn does(mut self, summary: &'static str) -> Route {
        self.doc.summary = summary;
        self
    }

    /// The shape of its JSON body.
    pub fn asks<T: ToSchema>(mut self) -> Route {
        self.doc.asks = Some(shape::<T>(&mut self.doc.schemas));
        self
    }

    pub fn query<T: IntoParams>(mut self) -> Route {
        self.doc.params.extend(T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    pub fn header(mut self, name: &'static str, required: bool, about: &'static str) -> Route {
        let required = if required { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(required);
        self.doc.params.push(parameter.description(Some(about)).schema(Some(text())).build());
        self
    }

    pub fn gives<T: ToSchema>(mut self, status: u16) -> Route {
        let schema = Some(shape::<T>(&mut self.doc.schemas));
        self.doc.gives.push(Gives { status, media: "application/json", schema });
        self
    }

    /// Server-sent events whose data are of this shape.
    pub fn streams<T: ToSchema>(mut self) -> Route {
        shape::<T>(&mut self.doc.schemas);
        self.gives_text("text/event-stream")
    }

    /// A text, or bytes, of this media type.
    pub fn gives_text(mut self, media: &'static str) -> Route {
        self.doc.gives.push(Gives { status: 200, media, schema: Some(text().into()) });
        self
    }

    /// A file of one of these media types. What is in it has no shape here: JSON or YAML are more than text.
    pub fn gives_file(mut self, medias: &[&'static str]) -> Route {
        self.doc.gives.extend(medias.iter().map(|media| media.split(';').next().unwrap_or(media)).map(|media| Gives {
            status: 200,
            media,
            schema: None,
        }));
        self
    }

    /// A status without a body.
    pub fn gives_nothing(mut self, status: u16) -> Route {
        self.doc.gives.push(Gives { status, media: "", schema: None });
        self
    }
}

/// `GET /api/v1/openapi.json`.
pub(crate) async fn openapi() -> impl IntoResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_json().unwrap_or_default());
    if text.is_empty() {
        return Err(Answer(Problem::new(Code::Unknown, "the API's description can't be written")));
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], text.as_str()))
}

pub(crate) fn document() -> OpenApi {
    let info = InfoBuilder::new().title("Suanzi").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT));
    let mut paths = Paths::new();
    let mut schemas = Vec::new();
    for route in routes() {
        let operation = operation(&route);
        schemas.extend(route.doc.schemas);
        let Some(method) = method(&route.method) else { continue };
        match paths.paths.get_mut(route.path) {
            Some(item) => item.merge_operations(PathItem::new(method, operation)),
            None => drop(paths.paths.insert(route.path.to_string(), PathItem::new(method, operation))),
        }
    }
    shape::<Problem>(&mut schemas);
    // What lists hold: a list refers to it and doesn't bring it along.
    shape::<api::DagSummary>(&mut schemas);
    shape::<api::DagVersionView>(&mut schemas);
    shape::<api::ModelVersionView>(&mut schemas);
    shape::<api::OperatorKind>(&mut schemas);
    shape::<api::PastDue>(&mut schemas);
    shape::<api::ServiceView>(&mut schemas);
    shape::<api::TemplateView>(&mut schemas);
    schemas.sort_by(|a, b| a.0.cmp(&b.0));
    schemas.dedup_by(|a, b| a.0 == b.0);
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components(schemas))).build()
}

fn components(schemas: Vec<(String, RefOr<Schema>)>) -> Components {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The home's token")).build();
    let cookie = ApiKeyValue::with_description("suanzi_session_PORT", "A session: see POST /api/v1/session");
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", SecurityScheme::Http(bearer))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .build()
}

fn operation(route: &Route) -> Operation {
    let doc = &route.doc;
    let mut operation = OperationBuilder::new()
        .operation_id(Some(doc.name.clone()))
        .summary(Some(doc.summary).filter(|s| !s.is_empty()))
        .tag(tag(route.path));
    for name in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(path_schema(route.path, name))),
        );
    }
    for parameter in &doc.params {
        operation = operation.parameter(parameter.clone());
    }
    operation = operation.request_body(body(route));
    let mut statuses: Vec<u16> = doc.gives.iter().map(|g| g.status).collect();
    statuses.dedup();
    for status in statuses {
        let mut response = ResponseBuilder::new().description(said(status));
        for gives in doc.gives.iter().filter(|g| g.status == status && !g.media.is_empty()) {
            response = response.content(gives.media, ContentBuilder::new().schema(gives.schema.clone()).build());
        }
        operation = operation.response(status.to_string(), response);
    }
    let problem = ContentBuilder::new().schema(Some(shape::<Problem>(&mut Vec::new()))).build();
    operation = operation
        .response("default", ResponseBuilder::new().description("What is wrong").content(PROBLEM_JSON, problem));
    if is_public(&route.method, route.path) {
        return operation.securities(Some([SecurityRequirement::default()])).build();
    }
    let none: [&str; 0] = [];
    let ways = [SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)];
    operation.securities(Some(ways)).build()
}

fn body(route: &Route) -> Option<utoipa::openapi::request_body::RequestBody> {
    let mut body = RequestBodyBuilder::new().required(Some(Required::True));
    let schema = |media: &str| match &route.doc.asks {
        Some(schema) if media == "application/json" => schema.clone(),
        _ => text().into(),
    };
    match route.takes {
        Takes::Nothing => return None,
        Takes::Json => body = body.content("application/json", content(schema("application/json"))),
        Takes::Types(all) => {
            for media in all {
                body = body.content(*media, content(schema(media)));
            }
        }
    }
    Some(body.build())
}

fn content(schema: RefOr<Schema>) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

/// Puts a type and all it is made of among `schemas`; gives a reference to it.
fn shape<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema> {
    T::schemas(schemas);
    let name = shape_name::<T>();
    schemas.push((name.clone(), T::schema()));
    utoipa::openapi::Ref::from_schema_name(name).into()
}

/// A list is named after what it lists: all lists have one type's name otherwise, and the first one's shape.
fn shape_name<T: ToSchema>() -> String {
    let listed =
        std::any::type_name::<T>().split_once('<').and_then(|(_, rest)| rest.trim_end_matches('>').rsplit("::").next());
    match listed {
        Some(listed) => format!("{}_{listed}", T::name()),
        None => T::name().into_owned(),
    }
}

fn text() -> utoipa::openapi::schema::Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

fn path_schema(path: &str, name: &str) -> utoipa::openapi::schema::Object {
    match name {
        "port" => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(u16::MAX)).build(),
        // A model's may be an alias.
        "version" if !path.contains("/models/") => {
            ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build()
        }
        _ => text(),
    }
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("server")
}

fn said(status: u16) -> &'static str {
    match status {
        201 => "Made",
        202 => "Accepted",
        204 => "Done",
        _ => "Good",
    }
}

fn method(method: &Method) -> Option<HttpMethod> {
    Some(match *method {
        Method::GET => HttpMethod::Get,
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => return None,
    })
}

/// The operation's name: the handler's, with its file's.
fn name_of<H>() -> String {
    let path = std::any::type_name::<H>();
    let mut parts: Vec<&str> = path.split("::").filter(|part| *part != "web").skip(1).collect();
    if parts.len() >= 2 && parts[parts.len() - 1] == parts[parts.len() - 2] {
        parts.pop();
    }
    parts.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document = document();
        let mut described = BTreeSet::new();
        let mut names = BTreeSet::new();
        for (path, item) in &document.paths.paths {
            let all = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
            for (method, operation) in all {
                let Some(operation) = operation else { continue };
                described.insert(format!("{method} {path}"));
                let name = operation.operation_id.clone().unwrap_or_default();
                assert!(
                    !name.is_empty() && names.insert(name.clone()),
                    "{method} {path} is named '{name}' like another"
                );
                assert!(operation.summary.is_some(), "{method} {path} doesn't say what it does");
                assert!(operation.responses.responses.len() >= 2, "{method} {path} doesn't say what it gives");
            }
        }
        let routed: BTreeSet<String> = routes().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_body_has_a_shape() {
        for route in routes() {
            let json = match route.takes {
                Takes::Nothing => false,
                Takes::Json => true,
                Takes::Types(all) => all.contains(&"application/json"),
            };
            assert_eq!(route.doc.asks.is_some(), json, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn each_list_has_a_shape_of_its_own() {
        let mut schemas = Vec::new();
        let tasks = shape_name::<api::Items<api::TaskView>>();
        shape::<api::Items<api::TaskView>>(&mut schemas);
        shape::<api::Page<api::RunView>>(&mut schemas);
        let names: Vec<&str> = schemas.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            tasks == "Items_TaskView" && names.contains(&"Items_TaskView") && names.contains(&"Page_RunView"),
            "{names:?}"
        );
    }

    #[test]
    fn references_lead_somewhere() {
        let text = document().to_json().expect("JSON");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let mut missing = BTreeSet::new();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            if value["components"]["schemas"].get(name).is_none() {
                missing.insert(name.to_string());
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
        assert!(value["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", value["openapi"]);
    }

    #[test]
    fn the_kept_description_is_up_to_date() {
        let mut now = document().to_pretty_json().expect("JSON");
        now.push('\n');
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(KEPT, &now).expect("the file can be written");
        }
        let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
        assert!(
            kept == now,
            "docs/reference/openapi.json is stale: UPDATE_SNAPSHOTS=1 cargo test -p suanzi-server openapi"
        );
    }

    #[test]
    fn names_come_from_handlers() {
        assert_eq!(name_of_value(crate::runs::submit), "runs_submit");
        assert_eq!(name_of_value(crate::web::sign_in), "session_sign_in");
        assert_eq!(name_of_value(crate::events::events), "events");
    }

    fn name_of_value<H>(_: H) -> String {
        name_of::<H>()
    }

    #[test]
    fn the_csrf_header_is_named() {
        assert!(ABOUT.to_lowercase().contains(api::CSRF_HEADER));
    }
}
