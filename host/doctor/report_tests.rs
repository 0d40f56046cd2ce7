//! What counts as a problem, and how much.

use super::*;

fn confined(holds: Holds) -> Confinement {
    Confinement {
        address_space: holds,
        cpu_time: holds,
        file_size: holds,
        landlock_files: holds,
        landlock_network: holds,
        landlock_abi: None,
        seccomp: holds,
        files: holds,
        network: holds,
        programs: holds,
        refused: None,
    }
}

fn report(state: FolderState, key: KeyState, unverified: usize, compiler: Confinement) -> Report {
    let health = CacheHealth { entries: 2, unverified, verified: 2 - unverified, ..CacheHealth::default() };
    Report {
        versions: Versions { packbox: crate::version(), abi: crate::version(), wasmtime: None },
        system: System { os: "linux", kernel: None, arch: "x86_64", cores: 1 },
        instances: Instances { allocation: Allocation::Pooling, because: None, pagemap_scan: true },
        folders: vec![FolderReport { name: "cache", path: "/c".into(), owner: None, mode: None, state }],
        keys: vec![KeyReport { name: "cache", path: Some("/k".into()), state: key }],
        compiler,
        cache: CacheReport { path: "/c".into(), health: Some(health), error: None },
        built_in: Vec::new(),
    }
}

fn exit(report: &Report) -> u8 {
    report.problems().iter().map(|problem| problem.kind.exit_code()).max().unwrap_or(0)
}

#[test]
fn each_state_has_its_exit_code() {
    use FolderState::{Missing, NoFolder, OfAnother, OpenToAll, OpenToGroup, Safe, Unreadable};
    let good = || confined(Holds::Yes);
    for (folder, code) in
        [(Missing, 0), (Safe, 0), (OpenToGroup, 0), (OpenToAll, 6), (OfAnother, 6), (NoFolder, 6), (Unreadable, 6)]
    {
        assert_eq!(exit(&report(folder, KeyState::Private, 0, good())), code, "{folder:?}");
    }
    assert_eq!(exit(&report(Safe, KeyState::Missing, 0, good())), 0);
    assert_eq!(exit(&report(Safe, KeyState::Unusable, 0, good())), 6);
    assert_eq!(exit(&report(Safe, KeyState::Private, 1, good())), 6);
    assert_eq!(exit(&report(Safe, KeyState::Private, 0, confined(Holds::NotOffered))), 0);
    let refused = Confinement { refused: Some("no".into()), ..good() };
    assert_eq!(exit(&report(Safe, KeyState::Private, 0, refused)), 4);
}

#[test]
fn what_matters_most_comes_first_and_says_what_to_do() {
    let problems = report(FolderState::OpenToGroup, KeyState::Unusable, 1, confined(Holds::NotOffered)).problems();
    assert!(problems.is_sorted_by_key(|problem| std::cmp::Reverse(problem.kind)));
    assert!(problems.iter().all(|problem| !problem.hint.is_empty()));
    assert_eq!(problems[0].kind, ProblemKind::Integrity);
}
