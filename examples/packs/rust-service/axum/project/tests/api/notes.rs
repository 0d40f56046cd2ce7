//! Notes, from the first to the last.

use reqwest::header::{CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};

use crate::support::{Service, read};

async fn post(service: &Service, note: &Value) -> reqwest::Response {
    let request = service.client.post(service.url("/notes")).json(note);
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn notes_are_made_shown_and_removed() {
    let service = Service::start().await;
    assert_eq!(read(service.get("/notes").await).await, (200, json!([])));

    let made = post(&service, &json!({ "text": "buy milk" })).await;
    assert_eq!(made.headers()[LOCATION], "/notes/1");
    let note = json!({ "id": 1, "text": "buy milk" });
    assert_eq!(read(made).await, (201, note.clone()));
    assert_eq!(
        read(service.get("/notes/1").await).await,
        (200, note.clone())
    );
    assert_eq!(
        read(service.get("/notes").await).await,
        (200, json!([note]))
    );

    let request = service.client.delete(service.url("/notes/1"));
    assert_eq!(request.send().await.expect("an answer").status(), 204);
    assert_eq!(service.get("/notes/1").await.status(), 404);
}

#[tokio::test]
async fn what_is_no_note_is_refused() {
    let service = Service::start().await;
    for (note, wanted) in [
        (json!({ "text": "  " }), 422),
        (json!({ "text": "x".repeat(1_001) }), 422),
        (json!({ "txt": "buy milk" }), 422),
        (json!("buy milk"), 422),
    ] {
        let (status, body) = read(post(&service, &note).await).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (wanted, &json!("rejected"))
        );
    }

    let request = service.client.post(service.url("/notes")).body("{");
    let request = request.header(CONTENT_TYPE, "application/json");
    let (status, body) = read(request.send().await.expect("an answer")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("rejected")));

    let (status, body) = read(service.get("/notes/first").await).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("rejected")));
    assert_eq!(read(service.get("/notes").await).await, (200, json!([])));
}
