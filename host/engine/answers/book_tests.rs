//! What a book keeps, and for how long.

use serde_json::{Map, Value, json};

use super::book::{Body, Book, Given};
use super::codec::Writer;
use super::key::Tag;
use super::question::{Known, Question};
use super::why::Why;

const MEMORY: u64 = 64 << 20;

fn open(folder: &tempfile::TempDir) -> Book {
    Book::at(folder.path(), "pack", [7; 32])
}

fn question(slot: u8, template: u8) -> Question {
    Question::new([slot; 16], (Tag::default(), Tag::default())).about([template; 16])
}

fn given<'a>(question: &'a Question, known: Option<&'a Known<'a>>, input: u64) -> Given<'a> {
    Given { question, known, input, memory: MEMORY }
}

fn find(book: &Book, given: Given<'_>) -> Result<Body, Vec<Why>> {
    book.find(&[Some(given)]).remove(0)
}

fn answer(bytes: &[u8]) -> Writer {
    Writer { bytes: bytes.to_vec(), weight: 3 }
}

fn values(title: &str) -> Map<String, Value> {
    json!({ "title": title, "token": "hidden", "other": 1 }).as_object().cloned().unwrap_or_default()
}

#[test]
fn what_is_kept_is_found_by_another_run_and_says_what_it_counts_for() {
    let folder = tempfile::tempdir().unwrap();
    let asked = question(1, 1);
    open(&folder).keep(given(&asked, None, 10), 0, &[], answer(b"given"));
    let book = open(&folder);
    let body = find(&book, given(&asked, None, 10)).unwrap();
    assert_eq!((body.bytes(), body.weight), (&b"given"[..], 3));
    assert_eq!(find(&book, given(&question(1, 2), None, 10)).unwrap_err(), [Why::Template]);
    assert_eq!(find(&book, given(&question(2, 1), None, 10)).unwrap_err(), [Why::First]);
    assert!(find(&Book::at(folder.path(), "pack", [8; 32]), given(&asked, None, 10)).is_err(), "another key");
    assert!(find(&Book::at(folder.path(), "other", [7; 32]), given(&asked, None, 10)).is_err(), "another pack");
}

#[test]
fn of_a_secret_nothing_is_kept_and_what_reads_it_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let (book, asked, values) = (open(&folder), question(1, 1), values("a"));
    let known = Known::new(&values, ["token"]);
    book.keep(given(&asked, Some(&known), 10), 0, &["title", "token"], answer(b"hidden"));
    assert!(find(&book, given(&asked, Some(&known), 10)).is_err());
    // It was no secret then, and is one now.
    let before = Known::new(&values, [""; 0]);
    book.keep(given(&asked, Some(&before), 10), 0, &["token"], answer(b"given"));
    assert!(find(&book, given(&asked, Some(&before), 10)).is_ok());
    assert!(find(&book, given(&asked, Some(&known), 10)).is_err());
}

#[test]
fn the_values_that_were_read_count_there_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let (book, asked) = (open(&folder), question(1, 1));
    let (one, other) = (values("a"), values("b"));
    let known = Known::new(&one, [""; 0]);
    book.keep(given(&asked, Some(&known), 10), 0, &["title", "gone"], answer(b"given"));
    assert!(find(&book, given(&asked, Some(&known), 10)).is_ok());
    let changed = Known::new(&other, [""; 0]);
    let whys = find(&book, given(&asked, Some(&changed), 10)).unwrap_err();
    assert_eq!(whys, [Why::Variables(vec!["title".to_owned()])]);
    let mut more = one.clone();
    more.insert("gone".to_owned(), Value::Null);
    let whys = find(&book, given(&asked, Some(&Known::new(&more, [""; 0])), 10)).unwrap_err();
    assert_eq!(whys, [Why::Names, Why::Variables(vec!["gone".to_owned()])]);
}

#[test]
fn a_context_that_grew_much_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (book, asked) = (open(&folder), question(1, 1));
    let half = MEMORY / 2;
    book.keep(given(&asked, None, 100), half, &[], answer(b"given"));
    assert!(find(&book, given(&asked, None, 100 + half / 64)).is_ok());
    assert_eq!(find(&book, given(&asked, None, 101 + half / 64)).unwrap_err(), [Why::Larger]);
    // Where a call took all that it may have, a byte more is tried; one less is not.
    book.keep(given(&asked, None, 100), MEMORY, &[], answer(b"given"));
    assert_eq!(find(&book, given(&asked, None, 101)).unwrap_err(), [Why::Larger]);
    assert!(find(&book, given(&asked, None, 99)).is_ok());
}

#[test]
fn the_last_four_answers_for_a_thing_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let book = open(&folder);
    for template in 1..=5 {
        book.keep(given(&question(1, template), None, 10), 0, &[], answer(&[template]));
    }
    let found: Vec<u8> =
        (1..=5).filter(|template| find(&book, given(&question(1, *template), None, 10)).is_ok()).collect();
    assert_eq!(found, [2, 3, 4, 5]);
    book.keep(given(&question(2, 1), None, 10), 0, &[], answer(&vec![0; (1 << 20) + 1]));
    assert!(find(&book, given(&question(2, 1), None, 10)).is_err(), "too large");
}

#[test]
fn what_is_not_taken_goes_after_a_while_and_what_is_taken_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (old, used) = (question(1, 1), question(2, 1));
    let book = open(&folder);
    book.keep(given(&old, None, 10), 0, &[], answer(b"old"));
    book.keep(given(&used, None, 10), 0, &[], answer(b"used"));
    drop(book);
    for round in 0..20 {
        let book = open(&folder);
        assert!(find(&book, given(&used, None, 10)).is_ok(), "{round}");
        book.keep(given(&question(3, round), None, 10), 0, &[], answer(&[round]));
    }
    let book = open(&folder);
    assert!(find(&book, given(&used, None, 10)).is_ok());
    assert!(find(&book, given(&old, None, 10)).is_err());
}

#[test]
fn which_partial_changed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let book = open(&folder);
    let files = |head: &'static [u8]| [("foot", &b"foot"[..]), ("head", head)].into_iter();
    let before = question(1, 1).including(book.partials(files(b"one")));
    book.keep(given(&before, None, 10), 0, &[], answer(b"given"));
    drop(book);
    let book = open(&folder);
    let after = question(1, 1).including(book.partials(files(b"two")));
    let whys = find(&book, given(&after, None, 10)).unwrap_err();
    assert_eq!(whys, [Why::Partials(vec!["head".to_owned()])]);
}
