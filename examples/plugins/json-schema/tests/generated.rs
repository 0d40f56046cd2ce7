//! Uses generated types as a program would: the expected files of some cases are modules here.

#[rustfmt::skip]
#[allow(dead_code, unused_imports, reason = "a program does not use every generated type")]
#[path = "cases/defaults/expected/mod.rs"]
mod defaults;

#[rustfmt::skip]
#[allow(dead_code, unused_imports, reason = "a program does not use every generated type")]
#[path = "cases/plain/expected/mod.rs"]
mod plain;

#[rustfmt::skip]
#[allow(dead_code, unused_imports, reason = "a program does not use every generated type")]
#[path = "cases/serde/expected/mod.rs"]
mod with_serde;


#[rustfmt::skip]
#[allow(dead_code, unused_imports, clippy::unnecessary_wraps, reason = "a program does not use every generated type")]
#[path = "cases/nullable/expected/mod.rs"]
mod nullable;

use serde_json::json;

#[test]
fn defaults_are_those_of_the_schema() {
    let settings = defaults::Schema::default();
    assert_eq!((settings.zero, settings.small), (0, -5));
    assert_eq!(settings.text, "a \"quoted\"\nline\u{7}");
    assert_eq!(settings.address.to_string(), "2001:db8::1");
    assert_eq!(settings.local, std::net::Ipv4Addr::UNSPECIFIED);
    assert_eq!(settings.map.get("b"), Some(&2.5));
    assert_eq!(settings.maybe, Some(3));
    assert_eq!(settings.point, defaults::Point { x: 1.0, y: 0.0 });
    assert_eq!(settings.mode, defaults::Mode::Fast);
    assert_eq!(settings.number, defaults::Either::Integer(7));
    assert_eq!(defaults::Line::default().mode, defaults::Mode::Slow);
}

#[test]
fn plain_types_need_no_serde() {
    let listen = plain::Listener::default();
    assert_eq!(listen.address.to_string(), "127.0.0.1");
    assert_eq!(plain::LogLevel::from_name("warn"), Some(plain::LogLevel::Warn));
    assert_eq!(plain::LogLevel::from_name("Warn"), None);
    assert_eq!(plain::ServiceTlsMinVersion::Value13.name(), "1.3");
}

#[test]
fn serde_reads_what_the_schema_allows() {
    let service: with_serde::Service = serde_json::from_value(json!({
        "name": "orders",
        "listen": {"port": 80},
        "type": "grpc",
        "tls": {"certificate": "a.pem", "minVersion": "1.2"},
        "upstreams": ["http://a", {"host": "b"}],
        "note": null,
    }))
    .unwrap();
    assert_eq!((service.workers, service.log_level), (4, with_serde::LogLevel::Info));
    assert_eq!(service.listen.address, std::net::Ipv4Addr::LOCALHOST);
    assert_eq!(service.r#type, Some(with_serde::ServiceType::Grpc));
    let upstreams = service.upstreams.clone().unwrap();
    assert_eq!(upstreams[0], with_serde::Upstream::Url("http://a".to_owned()));
    assert!(matches!(&upstreams[1], with_serde::Upstream::Host(host) if host.host == "b" && host.port.is_none()));

    let written = serde_json::to_value(&service).unwrap();
    assert_eq!(written["logLevel"], "info");
    assert_eq!(written["tls"]["minVersion"], "1.2");
    assert!(written.get("note").is_none());
    assert_eq!(serde_json::from_value::<with_serde::Service>(written).unwrap(), service);
}

#[test]
fn serde_refuses_what_the_schema_forbids() {
    for (value, expected) in [
        (json!({"name": "a", "listen": {}, "unknown": 1}), "unknown field `unknown`"),
        (json!({"name": "a"}), "missing field `listen`"),
        (json!({"name": "a", "listen": {"port": 70000}}), "expected u16"),
        (json!({"name": "a", "listen": {}, "logLevel": "loud"}), "unknown variant `loud`"),
        (json!({"name": "a", "listen": {}, "upstreams": [1]}), "did not match any variant"),
    ] {
        let error = serde_json::from_value::<with_serde::Service>(value).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn null_and_absent_are_told_apart_where_the_schema_does() {
    let read = |value| serde_json::from_value::<nullable::Record>(value).map_err(|error| error.to_string());
    let record = read(json!({"must": null, "next": {"must": 1, "assumed": null}})).unwrap();
    assert_eq!((record.must, record.may, record.assumed), (None, None, Some(7)));
    assert_eq!(record.next.as_ref().map(|next| (next.must, next.assumed)), Some((Some(1), None)));
    assert!(read(json!({})).unwrap_err().contains("missing field `must`"));
    let written = serde_json::to_value(&record).unwrap();
    assert_eq!(written, json!({"must": null, "assumed": 7, "next": {"must": 1, "assumed": null}}));
}
