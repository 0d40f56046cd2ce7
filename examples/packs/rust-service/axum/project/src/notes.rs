//! An example: notes, kept in memory until the service ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::error::ApiError;

/// How many characters a note may have.
const MAX_CHARACTERS: usize = 1_000;

/// A note.
#[derive(Debug, Clone, Serialize)]
pub struct Note {
    /// Its number, which no other note ever has.
    pub id: u64,
    /// What it says.
    pub text: String,
}

/// What a client sends to make one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    text: String,
}

#[derive(Debug, Default)]
struct Notes {
    last: u64,
    notes: BTreeMap<u64, Note>,
}

type Store = Arc<RwLock<Notes>>;

/// The routes of notes, with a store that is empty.
pub fn router() -> Router {
    Router::new()
        .route("/", get(list).post(create))
        .route("/{id}", get(show).delete(remove))
        .with_state(Store::default())
}

async fn list(State(store): State<Store>) -> Json<Vec<Note>> {
    Json(store.read().await.notes.values().cloned().collect())
}

async fn create(
    State(store): State<Store>,
    new: Result<Json<NewNote>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(NewNote { text }) = new?;
    let count = text.chars().count();
    if text.trim().is_empty() || count > MAX_CHARACTERS {
        return Err(ApiError::Rejected {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            message: format!(
                "a note has from 1 to {MAX_CHARACTERS} characters, and not only blanks"
            ),
        });
    }
    let mut store = store.write().await;
    store.last += 1;
    let note = Note {
        id: store.last,
        text,
    };
    store.notes.insert(note.id, note.clone());
    let place = [(header::LOCATION, format!("/notes/{}", note.id))];
    Ok((StatusCode::CREATED, place, Json(note)))
}

async fn show(
    State(store): State<Store>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<Note>, ApiError> {
    let Path(id) = id?;
    let store = store.read().await;
    store
        .notes
        .get(&id)
        .cloned()
        .map(Json)
        .ok_or(ApiError::NotFound)
}

async fn remove(
    State(store): State<Store>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    match store.write().await.notes.remove(&id) {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(ApiError::NotFound),
    }
}
