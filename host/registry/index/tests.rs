use super::*;
use crate::digest::Digest;
use crate::error::ErrorKind;
use crate::registry::release::{Metadata, Release};
use crate::registry::source::{DirectorySource, Position, Source as _};

fn release(name: &str, version: &str, about: Metadata) -> Release {
    Release {
        name: name.parse().unwrap(),
        version: version.parse().unwrap(),
        digest: Digest::of(format!("{name} {version}").as_bytes()),
        archive: Digest::of(b"x"),
        bytes: 1,
        about,
        yanked: false,
        published: 1,
        score: None,
        signatures: Vec::new(),
    }
}

fn about(title: &str, keywords: &[&str], category: &str) -> Metadata {
    Metadata {
        title: Some(title.to_owned()),
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        category: Some(category.to_owned()),
        ..Metadata::default()
    }
}

struct Fixture {
    folder: tempfile::TempDir,
    source: DirectorySource,
    index: Index,
}

const PAGE: Page = Page { offset: 0, limit: 10 };

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let source = DirectorySource::create(&folder.path().join("registry")).unwrap();
    let index = Index::open(&folder.path().join("data/index.sqlite")).unwrap();
    Fixture { folder, source, index }
}

impl Fixture {
    fn with(mut self, releases: &[Release]) -> Self {
        for release in releases {
            self.source.publish(&Position::default(), release, b"x").unwrap();
        }
        self.sync().unwrap();
        self
    }

    fn sync(&mut self) -> crate::error::Result<Synced> {
        self.index.sync(&"main".parse().unwrap(), &self.source)
    }

    fn names(&self, text: &str) -> Vec<String> {
        let found = self.index.search(text, &Filter::default(), PAGE).unwrap();
        found.into_iter().map(|found| found.pack.name.to_string()).collect()
    }
}

fn some() -> Vec<Release> {
    vec![
        release("rust-service", "1.0.0", about("Web service in Rust", &["axum", "docker"], "web")),
        release("rust-service", "1.2.0", about("Rust service", &["axum", "docker"], "web")),
        release("rust-service", "2.0.0-rc.1", about("Next", &["axum"], "web")),
        release("rust-cli", "0.3.0", about("Command line tool", &["clap"], "cli")),
        release("python-service", "1.0.0", about("Web service in Python", &["flask"], "web")),
    ]
}

#[test]
fn packs_are_listed_with_their_newest_release() {
    let fixture = fixture().with(&some());
    let (rows, total) = fixture.index.list(&Filter::default(), Order::Name, PAGE).unwrap();
    assert_eq!(total, 3);
    let shown: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.version)).collect();
    assert_eq!(shown, ["python-service 1.0.0", "rust-cli 0.3.0", "rust-service 1.2.0"]);
    let web = Filter { category: Some("web".to_owned()), ..Filter::default() };
    assert_eq!(
        fixture.index.list(&web, Order::Name, Page { offset: 1, limit: 1 }).unwrap().0[0].name.as_str(),
        "rust-service"
    );
    let docker = Filter { keyword: Some("docker".to_owned()), ..Filter::default() };
    assert_eq!(fixture.index.list(&docker, Order::Name, PAGE).unwrap().1, 1);
    let half = Filter { keyword: Some("dock".to_owned()), ..Filter::default() };
    assert_eq!(fixture.index.list(&half, Order::Name, PAGE).unwrap().1, 0);
    assert_eq!(fixture.index.releases(&"rust-service".parse().unwrap(), None).unwrap().len(), 3);
    assert_eq!(fixture.index.names("rust-", 10).unwrap(), ["rust-cli", "rust-service"]);
}

#[test]
fn a_list_is_in_the_order_that_is_wanted_and_its_pages_do_not_overlap() {
    let scored = |name: &str, published: u64, score: Option<u32>| {
        let about = about("A pack", &[], "web");
        Release { published, score, ..release(name, "1.0.0", about) }
    };
    let far_future = u64::MAX;
    let releases = vec![
        scored("a", 100, None),
        scored("b", 300, Some(70)),
        scored("c", 300, Some(100)),
        scored("d", 200, Some(70)),
        scored("e", far_future, Some(0)),
    ];
    let fixture = fixture().with(&releases);
    let names = |order: Order, offset: u64, limit: u64| -> String {
        let (rows, total) = fixture.index.list(&Filter::default(), order, Page { offset, limit }).unwrap();
        assert_eq!(total, 5);
        rows.iter().map(|row| row.name.as_str()).collect()
    };
    for (order, wanted) in [(Order::Name, "abcde"), (Order::Updated, "ebcda"), (Order::Score, "cbdea")] {
        assert_eq!(names(order, 0, 10), wanted);
        let pages: String = (0..5).map(|page| names(order, page, 1)).collect();
        assert_eq!(pages, wanted);
    }
    let (rows, _) = fixture.index.list(&Filter::default(), Order::Score, PAGE).unwrap();
    assert_eq!(rows.iter().map(|row| row.score).collect::<Vec<_>>(), [Some(100), Some(70), Some(70), Some(0), None]);
    // Nothing was published later than now.
    assert!(rows.iter().all(|row| row.published <= crate::clock::seconds_now()));
    let bad = scored("f", 1, Some(101));
    assert_eq!(bad.check().unwrap_err(), "its score is above 100");
}

#[test]
fn orders_need_no_sorting() {
    let fixture = fixture().with(&some());
    for order in ["published DESC", "score DESC"] {
        let query = format!("EXPLAIN QUERY PLAN SELECT * FROM packs ORDER BY {order}, name, registry LIMIT 10");
        let plan: String = fixture.index.connection.query_row(&query, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("USING INDEX packs_by_"), "{plan}");
    }
}

#[test]
fn words_their_beginnings_and_near_names_are_found() {
    let fixture = fixture().with(&some());
    assert_eq!(fixture.names("rust-cli")[0], "rust-cli");
    let mut both = fixture.names("serv");
    both.sort();
    assert_eq!(both, ["python-service", "rust-service"]);
    assert_eq!(fixture.names("web python"), ["python-service"]);
    assert_eq!(fixture.names("rust-servcie"), ["rust-service"]);
    assert_eq!(fixture.names("pyhton"), ["python-service"]);
    assert_eq!(fixture.names("wbe fask"), ["python-service"], "two mistakes, one in a keyword");
    assert_eq!(fixture.names("ython"), ["python-service"], "the first letter is missing");
    assert!(fixture.names("entirely-else").is_empty());
    // What looks like an expression of SQLite is words.
    for text in ["\"", "rust OR", "rust*", "name:rust", "rust NEAR(x)", "'; DROP TABLE packs; --", "(", "-"] {
        fixture.names(text);
    }
    assert_eq!(fixture.names("rust").len(), 2);
}

#[test]
fn only_what_is_new_is_read_and_what_is_withdrawn_goes() {
    let mut fixture = fixture().with(&some());
    assert_eq!(fixture.sync().unwrap(), Synced::default());
    let name = "rust-cli".parse().unwrap();
    fixture.source.yank(&name, &"0.3.0".parse().unwrap(), true).unwrap();
    assert_eq!(fixture.sync().unwrap(), Synced { entries: 1, packs: 1 });
    assert!(!fixture.names("rust").contains(&"rust-cli".to_owned()));
    let releases = fixture.index.releases(&name, None).unwrap();
    assert!(releases.len() == 1 && releases[0].release.yanked);
    fixture.source.yank(&name, &"0.3.0".parse().unwrap(), false).unwrap();
    fixture.sync().unwrap();
    assert!(fixture.names("rust").contains(&"rust-cli".to_owned()));
    fixture.index.forget(&"main".parse().unwrap()).unwrap();
    assert!(fixture.names("rust").is_empty() && fixture.names("servcie").is_empty());
    assert!(fixture.index.registries().unwrap().is_empty());
}

#[test]
fn a_registry_that_goes_back_or_moves_is_refused() {
    let mut fixture = fixture().with(&some());
    let log = fixture.folder.path().join("registry/log.jsonl");
    let text = std::fs::read(&log).unwrap();
    let first = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    std::fs::write(&log, &text[..first]).unwrap();
    assert_eq!(fixture.sync().unwrap_err().kind(), ErrorKind::Integrity);
    assert_eq!(fixture.names("rust").len(), 2, "what was known stays");
    let elsewhere = DirectorySource::create(&fixture.folder.path().join("elsewhere")).unwrap();
    let error = fixture.index.sync(&"main".parse().unwrap(), &elsewhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
}

#[test]
fn an_index_of_another_time_or_kind_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.sqlite");
    drop(Index::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Index::open(&path).unwrap_err().kind(), ErrorKind::Refused);
    std::fs::write(&path, "not a database, but long enough to be taken for the header of one at first sight……………………")
        .unwrap();
    let _ = std::fs::remove_file(folder.path().join("index.sqlite-wal"));
    assert_eq!(Index::open(&path).unwrap_err().kind(), ErrorKind::Integrity);
}
