//! Cases of `vendor`: what a lock holds becomes a registry in a folder, all of it or nothing.

use std::fs;

use super::registry_cases::expect;
use super::scene::{Scene, copy};

/// What a lock holds is put into a folder, which is a registry for who has no other.
pub fn vendored() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web", "--lock"])?;
    scene.ok(&["vendor"])?;
    let other = Scene::new()?;
    copy(&scene.at("work/vendor"), &other.at("work/vendor"))?;
    copy(&scene.at("work/packbox.lock"), &other.at("work/packbox.lock"))?;
    other.ok(&["registry", "add", "main", "vendor"])?;
    other.ok(&["install", "--locked"])?;
    if other.installed()? != scene.installed()? {
        return Err(format!("{:?} {:?}", other.installed()?, scene.installed()?));
    }
    Ok(())
}

/// Where a later pack can't be fetched, no folder is made, and one that stands is as it was.
pub fn vendored_whole() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "base", "--lock"])?;
    scene.ok(&["vendor", "old"])?;
    scene.ok(&["install", "web", "--lock"])?;
    let listed = |path: &str| {
        let mut found = Vec::new();
        let mut folders = vec![scene.at(path)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
                let content = fs::read(entry.path()).ok();
                folders.extend(content.is_none().then(|| entry.path()));
                found.push((entry.path(), content));
            }
        }
        found.sort();
        Ok::<_, String>(found)
    };
    let before = listed("work")?;
    let archive = scene.at("registry/packs/web/1.0.0.pack");
    fs::rename(&archive, scene.at("away")).map_err(|error| error.to_string())?;
    for folder in ["new", "deep/new", "old"] {
        expect(&scene.exits(2, &["vendor", folder])?, &["web 1.0.0"])?;
        if listed("work")? != before {
            return Err(format!("{folder}: {:?}", listed("work")?));
        }
    }
    fs::write(scene.at("work/file"), "").map_err(|error| error.to_string())?;
    expect(&scene.exits(7, &["vendor", "file"])?, &["cannot make a registry in `file`"])?;
    fs::rename(scene.at("away"), &archive).map_err(|error| error.to_string())?;
    fs::create_dir(scene.at("work/empty")).map_err(|error| error.to_string())?;
    for (number, folder) in ["new", "deep/new", "old", "empty"].into_iter().enumerate() {
        // And once more, which changes nothing.
        scene.ok(&["vendor", folder])?;
        let whole = listed(&format!("work/{folder}"))?;
        scene.ok(&["vendor", folder])?;
        if listed(&format!("work/{folder}"))? != whole
            || !scene.at("work").join(folder).join("packs/web/1.0.0.pack").exists()
        {
            return Err(format!("{whole:?}"));
        }
        let other = Scene::new()?;
        other.ok(&["registry", "add", &format!("r{number}"), &scene.at("work").join(folder).display().to_string()])?;
        other.ok(&["install", "web"])?;
    }
    Ok(())
}
