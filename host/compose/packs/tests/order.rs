//! In which order packs stand, and which don't go together.

use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

/// Puts packs together that were all named.
fn of(packs: Vec<Pack>) -> Result<PackSet> {
    PackSet::of(packs, Vec::new(), &Arrangement::default())
}

fn refused(packs: Vec<Pack>) -> Error {
    let error = of(packs).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution, "{error}");
    error
}

#[test]
fn what_is_needed_stands_first_and_the_rest_by_name() {
    let world = World::new();
    let set =
        of(vec![world.pack("c", ""), world.needing("a", &["z = \"^1\""]), world.pack("z", ""), world.pack("b", "")]);
    let set = set.unwrap();
    assert_eq!(names(&set), ["b", "c", "z", "a"]);
    assert_eq!(set.leading().manifest.pack.name.value.as_str(), "c");
}

#[test]
fn a_chain_of_ten_begins_at_its_end() {
    let world = World::new();
    let next = |level: usize| format!("p{} = \"^1\"", level + 1);
    let mut packs: Vec<Pack> = (0..9).map(|level| world.needing(&format!("p{level}"), &[&next(level)])).collect();
    packs.push(world.pack("p9", ""));
    let needed = packs.split_off(1);
    let set = PackSet::of(packs, needed, &Arrangement::default()).unwrap();
    assert_eq!(names(&set), (0..10).rev().map(|level| format!("p{level}")).collect::<Vec<_>>());
    assert_eq!(set.leading().manifest.pack.name.value.as_str(), "p0");
}

#[test]
fn the_foot_of_a_diamond_is_there_once() {
    let world = World::new();
    let needs = ["foot = \"^1\""];
    let top = || world.needing("top", &["left = \"^1\"", "right = \"^1\""]);
    let (left, right) = (|| world.needing("left", &needs), || world.needing("right", &needs));
    for packs in
        [vec![top(), left(), right(), world.pack("foot", "")], vec![world.pack("foot", ""), right(), top(), left()]]
    {
        assert_eq!(names(&of(packs).unwrap()), ["foot", "left", "right", "top"]);
    }
}

#[test]
fn layers_stand_as_they_were_named_but_after_what_they_need() {
    let world = World::new();
    let layers = Arrangement { as_named: true, ..Arrangement::default() };
    let named = |packs| names(&PackSet::of(packs, Vec::new(), &layers).unwrap());
    assert_eq!(named(vec![world.pack("c", ""), world.pack("a", ""), world.pack("b", "")]), ["c", "a", "b"]);
    assert_eq!(
        named(vec![world.needing("c", &["a = \"^1\""]), world.pack("b", ""), world.pack("a", "")]),
        ["b", "a", "c"]
    );
}

#[test]
fn a_circle_is_named_as_a_path() {
    let world = World::new();
    let error = refused(vec![
        world.needing("x", &["c = \"*\""]),
        world.needing("c", &["a = \"*\""]),
        world.needing("b", &["c = \"*\""]),
        world.needing("a", &["b = \"*\""]),
    ]);
    assert_eq!(error.to_string(), "packs depend on each other in a cycle: a → b → c → a");
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let world = World::new();
    let error = refused(vec![
        world.needing("a", &["base = \"^1.2\"", "more = { version = \"^1\", optional = true }"]),
        world.needing("b", &["other = \"^2\""]),
    ]);
    let findings = &error.body().findings;
    assert_eq!(findings[0].message, "`a` needs `base ^1.2`");
    assert_eq!(findings[1].message, "`b` needs `other ^2`");
    assert_eq!(findings.len(), 2);
    assert_eq!(
        (places(&findings[0]), places(&findings[1])),
        (vec!["a-1.0.0:5".to_owned()], vec!["b-1.0.0:5".to_owned()])
    );
    assert!(error.body().hint.as_ref().is_some_and(|hint| hint.contains("packbox install")), "{error:?}");
}

#[test]
fn what_is_optional_counts_where_it_is_there() {
    let world = World::new();
    let pack = || world.needing("a", &["z = { version = \"^1\", optional = true }"]);
    assert_eq!(names(&of(vec![pack()]).unwrap()), ["a"]);
    assert_eq!(names(&of(vec![pack(), world.pack("z", "")]).unwrap()), ["z", "a"]);
    let error = refused(vec![pack(), world.pack("z 2.0.0", "")]);
    assert!(error.body().findings[0].message.starts_with("`a` needs `z ^1`, but `"), "{error:?}");
}

#[test]
fn a_version_that_does_not_fit_is_told_with_both_places() {
    let world = World::new();
    let error = refused(vec![world.needing("a", &["base = \"^2\""]), world.pack("base 1.4.0", "")]);
    let finding = &error.body().findings[0];
    assert!(finding.message.ends_with("is 1.4.0"), "{}", finding.message);
    assert_eq!(places(finding), ["a-1.0.0:5", "base-1.4.0:3"]);
    // It is there: nobody has to install or to name it.
    assert_eq!(error.to_string(), "a pack needs another version of one");
    assert!(error.body().hint.as_ref().is_some_and(|hint| !hint.contains("install")), "{error:?}");
    // What is missing as well is told once the versions fit.
    let error = refused(vec![world.needing("a", &["base = \"^2\"", "z = \"^1\""]), world.pack("base 1.4.0", "")]);
    assert_eq!((error.to_string().as_str(), error.body().findings.len()), ("a pack needs another version of one", 1));
}

#[test]
fn a_name_is_one_packs() {
    let world = World::new();
    let (old, new) = (world.pack("base 1.0.0", ""), world.pack("base 2.0.0", ""));
    assert_eq!(names(&of(vec![old.clone(), old.clone()]).unwrap()), ["base"], "the same pack, named twice");
    let error = refused(vec![old, new]);
    let told = error.to_string();
    assert!(told.starts_with("two packs have the name `base`: `"), "{told}");
    assert!(told.contains("(1.0.0)") && told.contains("(2.0.0)"), "{told}");
    assert_eq!(of(Vec::new()).unwrap_err().kind(), ErrorKind::Usage);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whoever is named first: the order is the same, and each stands after what it needs.
    #[test]
    fn any_order_of_naming_gives_the_same_order(
        edges in prop::collection::vec(any::<bool>(), 21),
        order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle(),
        split in 1..8_usize,
    ) {
        let world = World::new();
        let mut edges = edges.into_iter();
        // Names are in another order than needs.
        let name = |index: usize| format!("p{}", index * 3 % 7);
        let needs: Vec<Vec<usize>> =
            (0..7).map(|of| (0..of).filter(|_| edges.next().unwrap_or_default()).collect()).collect();
        let packs: Vec<Pack> = needs.iter().enumerate().map(|(index, needed)| {
            let needed: Vec<String> = needed.iter().map(|needed| format!("{} = \"^1\"", name(*needed))).collect();
            world.needing(&name(index), &needed.iter().map(String::as_str).collect::<Vec<_>>())
        }).collect();
        let wanted = names(&of(packs.clone()).unwrap());
        let mut named: Vec<Pack> = order.iter().map(|index| packs[*index].clone()).collect();
        let needed = named.split_off(split);
        let came = names(&PackSet::of(named, needed, &Arrangement::default()).unwrap());
        prop_assert_eq!(&came, &wanted);
        let at = |index: usize| came.iter().position(|other| *other == name(index));
        for (index, needed) in needs.iter().enumerate() {
            prop_assert!(needed.iter().all(|needed| at(*needed) < at(index)));
        }
    }
}
