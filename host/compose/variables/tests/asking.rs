//! Questions: their order, going back, and a last look at all answers.

use serde_json::json;

use super::*;

#[test]
fn questions_come_in_the_order_of_declaration_and_only_where_they_matter() {
    let case = Case::new(
        "[variables.database]\ntype = \"choice\"\nchoices = [\"pg\", \"none\"]\nprompt = \"Database\"\ndefault = \"pg\"\n\
         [variables.pool]\ntype = \"integer\"\nwhen = \"database == 'pg'\"\nprompt = \"Pool\"\nmax = 9\n\
         [variables.name]\ntype = \"string\"\n\
         [variables.hidden]\ntype = \"integer\"\ndefault = 1\n\
         [variables.image]\ntype = \"string\"\nprompt = \"Image\"\ncompute = \"name ~ ':1'\"\n\
         [variables.skipped]\ntype = \"string\"\nprompt = \"Skipped\"\nwhen = \"database == 'none'\"\n\
         [variables.given]\ntype = \"string\"\nprompt = \"Given\"\n",
    )
    .flag("given=g");
    let prompter =
        Scripted::new(&[Answer::Suggestion, text("70"), text("7"), Answer::Value(json!("orders")), Answer::Suggestion]);
    let values = case.ask(Some(&prompter)).unwrap();
    assert_eq!(
        *prompter.asked.borrow(),
        ["database [\"pg\"]", "pool", "pool (must be at most 9, got 70) =70", "name", "image [\"orders:1\"]"]
    );
    assert_eq!(
        json!(values.values),
        json!({"database": "pg", "pool": 7, "name": "orders", "hidden": 1, "image": "orders:1", "skipped": null, "given": "g"})
    );
    let origins: Vec<_> = values.values.keys().map(|name| values.origins[name.as_str()]).collect();
    assert_eq!(json!(origins), json!(["prompt", "prompt", "prompt", "default", "prompt", "inactive", "flag"]));
}

#[test]
fn a_question_is_asked_until_it_is_answered() {
    let case =
        Case::new("[variables.a]\ntype = \"integer\"\nmax = 9\n[variables.b]\ntype = \"string\"\ndefault = \"d\"\n");
    let answers = [text("x"), text("70"), text(""), Answer::Suggestion, Answer::Value(json!("7")), text("7")];
    let prompter = Scripted::new(&answers);
    assert_eq!(case.ask(Some(&prompter)).unwrap().values["a"], json!(7));
    let needed = "a (an answer is needed: an integer of at most 9)";
    assert_eq!(
        *prompter.asked.borrow(),
        [
            "a",
            "a (must be an integer, got \"x\") =x",
            "a (must be at most 9, got 70) =70",
            needed,
            needed,
            "a (must be an integer, got \"7\")",
        ]
    );
    let error = case.ask(Some(&Scripted::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

const CHAIN: &str = "[variables.name]\ntype = \"string\"\n\
     [variables.database]\ntype = \"choice\"\nchoices = [\"pg\", \"none\"]\n\
     [variables.pool]\ntype = \"integer\"\nwhen = \"database == 'pg'\"\n\
     [variables.image]\ntype = \"string\"\nprompt = \"Image\"\ncompute = \"name ~ ':1'\"\n";

#[test]
fn going_back_loses_no_answer_and_computes_again() {
    let case = Case::new(CHAIN);
    let back = |typed: &str| Answer::Back(Some(typed.to_owned()));
    let prompter = Scripted::new(&[
        back("nothing is before it"),
        text("one"),
        text("pg"),
        text("no number"),
        back("12"),
        text("pg"),
        back(""),
        Answer::Back(None),
        text("two"),
        text("pg"),
        text("5"),
        Answer::Suggestion,
    ]);
    let values = case.ask(Some(&prompter)).unwrap();
    assert_eq!(json!(values.values), json!({"name": "two", "database": "pg", "pool": 5, "image": "two:1"}));
    assert_eq!(
        *prompter.asked.borrow(),
        [
            "name",
            "name =nothing is before it",
            "database",
            "pool",
            "pool (must be an integer, got \"no number\") =no number",
            "database =pg",
            "pool =12",
            "database =pg",
            "name =one",
            "database =pg",
            "pool =12",
            "image [\"two:1\"]",
        ]
    );
}

#[test]
fn what_depends_on_an_answer_is_counted_as_that() {
    let case = Case::new(CHAIN);
    let prompter = Scripted::new(&[text("one"), text("none"), Answer::Back(None), text("pg"), text("5"), text("x")]);
    case.ask(Some(&prompter)).unwrap();
    let progress: Vec<(usize, usize, usize)> = prompter.progress.borrow().clone();
    assert_eq!(progress, [(1, 3, 4), (2, 3, 4), (3, 3, 3), (2, 3, 4), (3, 4, 4), (4, 4, 4)]);
}

#[test]
fn all_answers_are_shown_once_more_and_one_can_be_changed() {
    let case = Case::new(CHAIN);
    let ask = |answers: &[Answer], reviews: &[Review]| {
        let prompter = Scripted::new(answers);
        *prompter.reviews.borrow_mut() = reviews.iter().copied().collect();
        let values = case.ask(Some(&prompter)).unwrap();
        (json!(values.values), prompter.asked.borrow()[4..].to_vec(), prompter.reviewed.borrow().clone())
    };
    let answers = [text("one"), text("pg"), text("5"), Answer::Suggestion];
    let and = |more: &[Answer]| [answers.as_slice(), more].concat();

    // What was taken from the pack is asked for again, as it is another; what was typed is not.
    let changed = ask(&and(&[text("two"), Answer::Suggestion]), &[Review::Change(0), Review::Accept]);
    assert_eq!(changed.0, json!({"name": "two", "database": "pg", "pool": 5, "image": "two:1"}));
    assert_eq!(changed.1, ["name =one", "image [\"two:1\"]"]);
    assert_eq!(
        changed.2,
        ["name=\"one\" database=\"pg\" pool=5 image=\"one:1\"", "name=\"two\" database=\"pg\" pool=5 image=\"two:1\""]
    );

    // A question that does not come any more is not asked, and its answer is there when it comes again.
    let changed = ask(&and(&[text("none"), Answer::Back(None), text("pg")]), &[Review::Change(1), Review::Accept]);
    assert_eq!(changed.0, json!({"name": "one", "database": "none", "pool": null, "image": "one:1"}));
    assert_eq!(changed.1, ["database =pg"]);

    // Who goes back from there changes nothing.
    let left = ask(&and(&[Answer::Back(Some("typed".to_owned()))]), &[Review::Change(2), Review::Accept]);
    assert_eq!((left.0["pool"].clone(), left.1.len()), (json!(5), 1));

    let back = ask(&and(&[text("x:2")]), &[Review::Back, Review::Accept]);
    assert_eq!((back.0["image"].clone(), back.1), (json!("x:2"), vec!["image [\"one:1\"]".to_owned()]));
}

#[test]
fn an_answer_that_the_pack_fails_with_is_asked_for_again() {
    let case = Case::new(
        "[variables.name]\ntype = \"string\"\n[variables.parts]\ntype = \"integer\"\n\
         [variables.share]\ntype = \"integer\"\ncompute = \"100 // parts\"\n",
    );
    let prompter = Scripted::new(&[text("n"), text("0"), text("4")]);
    assert_eq!(case.ask(Some(&prompter)).unwrap().values["share"], json!(25));
    let asked = prompter.asked.borrow();
    assert!(asked[2].starts_with("parts (the pack can't use this answer: "), "{asked:?}");
    assert!(asked[2].ends_with(" =0"), "{asked:?}");
    // What fails before anybody is asked is nobody's answer.
    let case =
        Case::new("[variables.a]\ntype = \"integer\"\n[variables.b]\ntype = \"integer\"\ncompute = \"1 // 0\"\n");
    let prompter = Scripted::default();
    assert_eq!(case.ask(Some(&prompter)).unwrap_err().kind(), ErrorKind::Template);
    assert!(prompter.asked.borrow().is_empty());
}

#[test]
fn few_answers_are_not_shown_again() {
    let case = Case::new(CHAIN);
    let prompter = Scripted::new(&[text("one"), text("none"), Answer::Suggestion]);
    case.ask(Some(&prompter)).unwrap();
    assert!(prompter.reviewed.borrow().is_empty());
}

#[test]
fn a_secret_is_one_at_every_question() {
    let case = Case::new(
        "[variables.token]\ntype = \"secret\"\n\
         [variables.header]\ntype = \"integer\"\nprompt = \"Header\"\ncompute = \"token\"\n",
    );
    let prompter = Scripted::new(&[text("hunter2"), Answer::Back(None), text("hunter3"), text("hunter4"), text("5")]);
    let values = case.ask(Some(&prompter)).unwrap();
    assert!(values.secrets.len() == 2 && !format!("{values:?}").contains("hunter"));
    let problem = prompter.asked.borrow()[3].clone();
    assert_eq!(problem, "header (must be an integer)");
    assert_eq!(prompter.asked.borrow()[4], "header (must be an integer) =hunter4");
}

#[test]
fn nobody_is_asked_while_the_command_line_is_wrong() {
    let case = Case::new("[variables.a]\ntype = \"string\"\n").flag("b=1");
    let prompter = Scripted::new(&[text("x")]);
    let error = case.ask(Some(&prompter)).unwrap_err();
    assert_eq!(error.to_string(), "1 variable is unknown");
    assert!(prompter.asked.borrow().is_empty());
}
