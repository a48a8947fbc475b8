//! Handlers of `/collections`: users' own documents.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post, web};

use crate::documents::MediaType;
use crate::domain::ids::{CollectionId, DocumentId};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{
    AddDocument, CollectionView, CollectionsQuery, CollectionsView, CreateCollection,
    DocumentTextView, DocumentView, DocumentsQuery, DocumentsView, SearchQuery, SearchView,
    UploadQuery, document_name_fault,
};
use crate::service::Service;
use crate::service::collections::Upload;

use super::binary::Binary;
use crate::http::BASE;
use crate::http::edge::auth::User;
use crate::http::edge::body::{Extracting, Json, Query, once_permitted, parse, read, unsupported};

/// The ids in the path. Text that is not a valid id is answered with 404, like an unknown id.
pub(super) struct Ids {
    collection: CollectionId,
    document: Option<DocumentId>,
}

impl FromRequest for Ids {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let matched = request.match_info();
        let collection = matched.get("id").and_then(|text| text.parse().ok());
        let document = matched.get("document_id").map(|text| text.parse().ok());
        let missing = |what| Refusal::new(ErrorCode::NotFound, what);
        let ids = match (collection, document) {
            (None, _) => Err(missing("there is no such collection")),
            (Some(_), Some(None)) => Err(missing("there is no such document")),
            (Some(collection), document) => Ok(Self {
                collection,
                document: document.flatten(),
            }),
        };
        once_permitted(request, ids)
    }
}

impl Ids {
    fn document(&self) -> Result<DocumentId, Refusal> {
        self.document.ok_or_else(Refusal::not_found)
    }
}

/// The body of an upload, in any of the content types of documents.
pub(super) struct Body(Upload);

impl FromRequest for Body {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let given = request.headers().get(header::CONTENT_TYPE);
        let given = given
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        let is_json = essence.eq_ignore_ascii_case("application/json");
        let kind = MediaType::from_content_type(given);
        let body = read(request, payload, crate::http::edge::body::MAX_UPLOAD_BYTES);
        Box::pin(async move {
            let bytes = body.await?;
            if is_json {
                return parse::<AddDocument>(&bytes).map(|body| Self(Upload::Text(body)));
            }
            let Some(kind) = kind else {
                return Err(unsupported(
                    "application/json, text/plain, text/markdown, text/html (in UTF-8) or application/pdf",
                ));
            };
            let bytes = bytes.to_vec();
            Ok(Self(Upload::File {
                kind,
                name: None,
                bytes,
            }))
        })
    }
}

/// Creates an empty collection.
#[utoipa::path(tag = "collections", security(("bearer" = [])), request_body = CreateCollection, responses(
    (status = 201, description = "The collection", body = CollectionView,
        headers(("Location" = String, description = "The path of the collection"))),
    (status = 409, description = "`limit_exceeded`: the user has the maximum number of collections"),
))]
#[post("/collections")]
pub(super) async fn create_collection(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<CreateCollection>,
) -> Result<HttpResponse, Refusal> {
    let collection = service.create_collection(user.user.id, body).await?;
    let location = format!("{BASE}/collections/{}", collection.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(collection))
}

/// Lists the user's collections, page by page.
#[utoipa::path(tag = "collections", security(("bearer" = [])), params(CollectionsQuery), responses(
    (status = 200, description = "A page of the list", body = CollectionsView),
))]
#[get("/collections")]
pub(super) async fn list_collections(
    user: User,
    service: web::Data<Service>,
    Query(query): Query<CollectionsQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.collections(user.user.id, query).await?))
}

/// Returns a collection.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection")), responses(
    (status = 200, description = "The collection", body = CollectionView),
))]
#[get("/collections/{id}")]
pub(super) async fn read_collection(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.collection(user.user.id, ids.collection).await?))
}

/// Deletes a collection with its documents.
///
/// Evaluations keep the evidence that they have from it.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection")), responses(
    (status = 204, description = "It is deleted"),
))]
#[delete("/collections/{id}")]
pub(super) async fn delete_collection(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
) -> Result<HttpResponse, Refusal> {
    service
        .delete_collection(user.user.id, ids.collection)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds a document, as JSON or as a file.
///
/// When the response arrives, the document can be searched.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    request_body(content(
        (AddDocument = "application/json"), (String = "text/plain"), (String = "text/markdown"),
        (String = "text/html"), (Binary = "application/pdf"))),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection"), UploadQuery), responses(
    (status = 201, description = "The document", body = DocumentView,
        headers(("Location" = String, description = "The path of the document"))),
    (status = 409, description = "`limit_exceeded`: the collection is full"),
))]
#[post("/collections/{id}/documents")]
pub(super) async fn add_document(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
    Query(query): Query<UploadQuery>,
    Body(upload): Body,
) -> Result<HttpResponse, Refusal> {
    let upload = match upload {
        Upload::File { kind, bytes, .. } => Upload::File {
            kind,
            bytes,
            name: query.name,
        },
        text @ Upload::Text(_) => {
            // It has its name in the body; whoever gives another one that can't be has made a mistake.
            if let Some(fault) = query.name.as_deref().and_then(document_name_fault) {
                return Err(Refusal::invalid(vec![fault]));
            }
            text
        }
    };
    let document = service
        .add_document(user.user.id, ids.collection, upload)
        .await?;
    let location = format!(
        "{BASE}/collections/{}/documents/{}",
        ids.collection, document.id
    );
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(document))
}

/// Lists the documents of a collection, page by page.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection"), DocumentsQuery), responses(
    (status = 200, description = "A page of the list", body = DocumentsView),
))]
#[get("/collections/{id}/documents")]
pub(super) async fn list_documents(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
    Query(query): Query<DocumentsQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(
        service
            .documents(user.user.id, ids.collection, query)
            .await?,
    ))
}

/// Returns a document with its text, which the spans of its evidence refer to.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection"),
        ("document_id" = uuid::Uuid, Path, description = "The id of the document")), responses(
    (status = 200, description = "The document", body = DocumentTextView),
))]
#[get("/collections/{id}/documents/{document_id}")]
pub(super) async fn read_document(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
) -> Result<HttpResponse, Refusal> {
    let id = ids.document()?;
    Ok(HttpResponse::Ok().json(service.document(user.user.id, ids.collection, id).await?))
}

/// Deletes a document.
///
/// Evaluations keep the evidence that they have from it.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection"),
        ("document_id" = uuid::Uuid, Path, description = "The id of the document")), responses(
    (status = 204, description = "It is deleted"),
))]
#[delete("/collections/{id}/documents/{document_id}")]
pub(super) async fn delete_document(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
) -> Result<HttpResponse, Refusal> {
    let id = ids.document()?;
    service
        .delete_document(user.user.id, ids.collection, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Finds the passages of a collection that are relevant to some words or to a claim.
#[utoipa::path(tag = "collections", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the collection"), SearchQuery), responses(
    (status = 200, description = "The passages found, the best first", body = SearchView),
))]
#[get("/collections/{id}/search")]
pub(super) async fn search_collection(
    user: User,
    service: web::Data<Service>,
    ids: Ids,
    Query(query): Query<SearchQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.search(user.user.id, ids.collection, query).await?))
}
