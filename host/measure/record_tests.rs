//! Records: the same bytes each time, and nothing that is not exactly one.

use super::*;

fn record() -> Record {
    Record {
        packbox: "0.1.0".into(),
        plugin: "p".into(),
        component: Arc::from(&b"bytes"[..]),
        grants: vec![Grant::WasiStub],
        limits: Limits::DEFAULT,
        input: Input::Render {
            context: b"{}".to_vec(),
            partials: vec![CallFile { path: "a/b\u{1b}[31m".into(), contents: b"x".to_vec() }],
            template: CallFile { path: "t".into(), contents: b"x".to_vec() },
            locals: b"{}".to_vec(),
            options: b"{}".to_vec(),
        },
        seen: "invalid".into(),
        outcome: Ended { result: serde_json::json!({ "invalid": [] }), fuel: Some(7), memory: 1 },
    }
}

#[test]
fn records_round_trip_and_are_always_the_same_bytes() {
    let bytes = record().to_bytes().expect("bytes");
    assert_eq!(bytes, record().to_bytes().expect("bytes"));
    let read = Record::parse("r", &bytes).expect("a record");
    assert_eq!((read.input, read.outcome, read.limits), (record().input, record().outcome, record().limits));
}

#[test]
fn every_cut_and_every_flipped_byte_is_refused() {
    let bytes = record().to_bytes().expect("bytes");
    for length in (0..bytes.len()).step_by(61) {
        assert_eq!(Record::parse("r", &bytes[..length]).expect_err("cut").exit_code(), 6, "{length}");
    }
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x55;
        let Err(error) = Record::parse("r", &bytes) else { continue };
        assert_eq!(error.exit_code(), 6, "{at}: {error}");
    }
}

#[test]
fn what_is_not_written_as_records_are_is_refused() {
    let mut longer = record().to_bytes().expect("bytes");
    longer.extend_from_slice(&[0; 512]);
    assert_eq!(Record::parse("r", &longer).expect_err("longer").exit_code(), 6);
    let mut container = Container::read("r", &record().to_bytes().expect("bytes")).expect("parts");
    container.add(b"one more");
    let bytes = container.to_bytes().expect("bytes");
    assert_eq!(Record::parse("r", &bytes).expect_err("a blob too many").exit_code(), 6);
    let document = String::from_utf8(container.document.clone()).expect("text");
    container.document = document.replace("\"packbox-record\": 2", "\"packbox-record\": 3").into_bytes();
    let error = Record::parse("r", &container.to_bytes().expect("bytes")).expect_err("another version");
    assert_eq!(error.exit_code(), 6);
    assert!(error.body().hint.as_deref().is_some_and(|hint| hint.contains("0.1.0")));
}

#[test]
fn limits_above_the_ceiling_need_the_users_word() {
    let mut record = record();
    record.limits.fuel = 5_000_000_000;
    assert_eq!(record.check_limits(&LimitRequest::default()).expect_err("too much").exit_code(), 4);
    let user = LimitRequest { fuel: Some(6_000_000_000), ..LimitRequest::default() };
    record.check_limits(&user).expect("allowed");
}
