//! Properties of what has to be at the top of a file, over files of several languages with random heads.

use proptest::prelude::*;

use crate::{Job, Outcome, Side, policies, region, region_head};

/// Names of files, pieces that their heads can have, in this order, and what else is in them.
const FILES: [(&str, &[&str], &str); 9] = [
    ("a.sh", &["#!/bin/sh\n", "# vim: set et:\n"], "echo\n"),
    ("a.py", &["#!/usr/bin/python3\n", "# -*- coding: utf-8 -*-\n"], "# A comment.\nimport a\n"),
    (
        "a.xml",
        &["<?xml version=\"1.0\"?>\n", "\n<!DOCTYPE a [\n<!ENTITY b \">\">\n]>\n"],
        "<!-- A comment. -->\n<a/>\n",
    ),
    ("Dockerfile", &["# syntax=a\n", "# escape=`\n", "# check=skip=all\n"], "# A comment.\nFROM a\n"),
    ("a.md", &["---\ntitle: A\n---\n"], "# A\n\n---\n"),
    ("a.css", &["@charset \"utf-8\";"], "a {}\n"),
    ("a.php", &["<?php\n", "declare(strict_types=1);"], "f();\n"),
    (
        "a.rs",
        &["#!/usr/bin/cargo\n", "---cargo\na = 1\n---\n", "// Licensed.\n//! A.\n", "#![a(\n  b,\n)]\n"],
        "// Of b.\nmod b;\n",
    ),
    ("a.js", &["#!/usr/bin/node\n", "'use strict';\n", "\"use client\"\n"], "'use of words'.length;\n"),
];

fn text(file: usize, chosen: u8, mark: bool, line_break: bool) -> String {
    let (_, pieces, body) = FILES[file];
    let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
    for (index, piece) in pieces.iter().enumerate() {
        // PHP begins only once, and with that.
        if chosen & (1 << index) != 0 || (index == 0 && pieces[0].starts_with("<?php")) {
            text.push_str(piece);
        }
    }
    text.push_str(body);
    if line_break { text.replace('\n', "\r\n") } else { text }
}

proptest! {
    #[test]
    fn heads_stand_above_all_sections(file in 0..FILES.len(), chosen in any::<[u8; 3]>(), mark in any::<[bool; 3]>(), breaks in any::<[bool; 3]>()) {
        let path = FILES[file].0;
        let texts: Vec<String> = (0..3).map(|side| text(file, chosen[side], mark[side], breaks[side])).collect();
        let sides = texts.iter().enumerate();
        let sides = sides.map(|(index, text)| Side { owner: format!("pack-{index}"), contents: text.clone().into_bytes() });
        let job = Job {
            path: path.to_owned(),
            policy: "region".to_owned(),
            options: b"{}".to_vec(),
            base: None,
            sides: sides.collect(),
        };
        let Ok(Outcome::Merged(merged)) = policies::merge(&job) else { panic!("{texts:?} are not merged") };
        let result = String::from_utf8(merged.contents).unwrap();
        let head = region_head::of(path, result.as_bytes());
        for side in &texts {
            for piece in region_head::of(path, side.as_bytes()).pieces {
                prop_assert_eq!(head.pieces.iter().filter(|other| other.says(&piece)).count(), 1, "{:?} in {}", piece, result);
            }
        }
        let rest = &result[head.length..];
        prop_assert!(region::is_marker(rest.lines().next().unwrap().as_bytes()), "{}", result);
        let marks = result.match_indices('\u{feff}').map(|(at, _)| at).collect::<Vec<_>>();
        prop_assert!(marks.is_empty() || marks == [0], "{}", result);
        // Nothing is lost, and nothing is there that nobody wants.
        let all = FILES[file].1.iter().enumerate().map(|(index, piece)| (piece.trim(), index));
        for (piece, index) in all {
            let wanted = chosen.iter().any(|chosen| chosen & (1 << index) != 0) || (index == 0 && piece.starts_with("<?php"));
            prop_assert_eq!(result.replace("\r\n", "\n").matches(piece).count(), usize::from(wanted), "{} in {}", piece, result);
        }
        prop_assert_eq!(result.replace("\r\n", "\n").matches(FILES[file].2).count(), 3);
    }
}
