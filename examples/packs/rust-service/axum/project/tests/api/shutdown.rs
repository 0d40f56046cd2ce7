//! How the service ends.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::sync::Notify;

use crate::support::Service;

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let service = Service::start().await;
    let url = service.url("/health");
    let client = service.client.clone();
    assert_eq!(service.get("/health").await.status(), 200);
    service.stop().await;
    assert!(client.get(url).send().await.is_err());
}

#[tokio::test]
async fn what_has_begun_is_answered() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, goes_on) = (begun.clone(), go_on.clone());
    let slow = async move || {
        begins.notify_one();
        goes_on.notified().await;
        "done"
    };
    let service = Service::of(Router::new().route("/", get(slow))).await;
    let request = service.client.get(service.url("/"));
    let answer = tokio::spawn(async move { request.send().await?.text().await });

    begun.notified().await;
    let stopped = tokio::spawn(service.stop());
    tokio::task::yield_now().await;
    go_on.notify_one();

    assert_eq!(answer.await.expect("no panic").expect("an answer"), "done");
    stopped.await.expect("it ends");
}
