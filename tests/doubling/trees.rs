//! What is generated: files that are copied, trees and receipts.

use packbox::digest::Digest;
use packbox::generate::tree::{Provenance, Receipt, ReceiptHeader, Tree, TreeFile};
use packbox::generate::{Job, RenderOptions};
use packbox::pack::OutputPath;

use crate::cost::Alone;
use crate::samples::{Sample, each, toolbox, values};

fn file(path: &str, variables: usize) -> TreeFile {
    let provenance = Provenance {
        template: path.to_owned(),
        template_digest: Digest::of(b""),
        engine: "copy".to_owned(),
        plugin_digest: None,
        then: Vec::new(),
        variables: (0..variables).map(|number| format!("variable_{number}")).collect(),
        on_conflict: packbox::pack::OnConflict::Own,
    };
    TreeFile::new(OutputPath::new(path).expect("a path"), Vec::new(), false, provenance)
}

fn header() -> ReceiptHeader {
    ReceiptHeader {
        pack: "a".to_owned(),
        version: packbox::version(),
        pack_digest: None,
        packbox: packbox::version(),
        engines: std::iter::once(("copy".to_owned(), None)).collect(),
        packs: Vec::new(),
    }
}

#[test]
fn trees_and_receipts() {
    let alone = Alone::wait();
    let trees = |name: &str, length: usize, files: &dyn Fn(usize) -> Vec<TreeFile>| {
        alone.grows_with_its_length(name, length, files, |files| {
            let tree = Tree::build(files.clone()).expect("a tree");
            let bytes = Receipt::new(header(), &tree).to_bytes().expect("a receipt");
            assert_eq!(Receipt::parse(&bytes).expect("a receipt").files().len(), tree.files().len());
        });
    };
    trees("files of a folder", 1_000, &|length| (0..length).map(|number| file(&format!("d/{number}"), 1)).collect());
    trees("folders below folders", 1_000, &|length| {
        (0..length).map(|number| file(&format!("a/b/c/d/e/f/{number}/g/h/i"), 1)).collect()
    });
    trees("folders beside files", 1_000, &|length| {
        (0..length).flat_map(|number| [file(&format!("d{number}"), 1), file(&format!("D/{number}/x"), 1)]).collect()
    });
    trees("variables of a file", 5_000, &|length| vec![file("f", length)]);
    alone.grows_with_its_length(
        "files that clash",
        1_000,
        |length| (0..length).map(|number| file(&format!("d/{}", number / 2), 1)).collect::<Vec<_>>(),
        |files| {
            Tree::build(files.clone()).expect_err("two files of a path");
        },
    );
}

#[test]
fn files_are_copied_and_rendered() {
    let alone = Alone::wait();
    let renders = |name: &str, length: usize, sample: &dyn Fn(usize) -> Sample| {
        let sample = |length| {
            let sample = sample(length);
            let values = values(&sample.pack);
            (sample, values)
        };
        alone.grows_with_its_length(name, length, sample, |(sample, values)| {
            let job = Job::prepare(&sample.pack, &toolbox(&sample.pack), values.clone()).expect("a job");
            let report = job.render(RenderOptions::default()).expect("a tree");
            assert_eq!(report.tree.files().len(), job.plan.files.len());
        });
    };
    renders("files that are copied", 300, &|length| {
        let files = (0..length).map(|number| (format!("d/{number}"), number.to_string()));
        Sample::new("[[templates]]\nsource = \"d\"\noutput = \"out\"\n", files)
    });
    renders("items that are rendered", 300, &|length| {
        let items = each(length, |number| format!("\"item {number}\", "));
        let manifest = format!(
            "[variables.v]\ntype = \"list\"\ndefault = [{items}]\n[[templates]]\nsource = \"t\"\noutput = \"{{{{ item }}}}\"\nfor_each = \"v\"\nengine = \"copy\"\n"
        );
        Sample::new(&manifest, [("t".to_owned(), "text".to_owned())])
    });
}
