//! Which files of a pack templates may include, and why another one can't be.

use std::collections::BTreeSet;

use super::load::Pack;
use super::manifest::TemplateEngine;
use super::names::{MANIFEST_NAME, PackPath};
use super::{ignore, templates};

impl Pack {
    /// Returns the files that templates of an engine may include: those that no entry stands for and that look like
    /// templates of that engine, and those that the manifest names. There are none for copied files.
    #[must_use]
    pub fn partials(&self, engine: &TemplateEngine) -> Vec<PackPath> {
        self.partials_of([engine])
    }

    /// Returns the files that [`Pack::partials`] gives for any of several engines, in the order of their paths. The pack is
    /// gone through once, however many there are.
    pub fn partials_of<'e>(&self, engines: impl IntoIterator<Item = &'e TemplateEngine>) -> Vec<PackPath> {
        let engines: Vec<&TemplateEngine> = engines.into_iter().collect();
        if engines.iter().all(|engine| **engine == TemplateEngine::Copy) {
            return Vec::new();
        }
        let own_files = self.own_files();
        let named = self.manifest.pack.partials.iter().map(|path| path.value.clone());
        let named = named.filter(|path| !own_files.contains(path.as_str()));
        let mut all: BTreeSet<PackPath> = self.natural_partials(engines).into_iter().collect();
        all.extend(named);
        all.into_iter().collect()
    }

    /// Returns the files that are partials of engines by their place and their extension, in the order of their paths.
    pub(crate) fn natural_partials<'e>(&self, engines: impl IntoIterator<Item = &'e TemplateEngine>) -> Vec<PackPath> {
        let (mut extensions, mut plugins) = (BTreeSet::<String>::new(), BTreeSet::new());
        for engine in engines {
            match engine {
                TemplateEngine::Copy => {}
                TemplateEngine::BuiltIn(engine) => {
                    extensions.extend(engine.extensions().iter().map(ToString::to_string));
                }
                TemplateEngine::Plugin(_) => {
                    plugins.insert(engine);
                }
            }
        }
        if !plugins.is_empty() {
            let templates = self.templates().unwrap_or_default();
            let own = templates.iter().filter(|template| plugins.contains(&template.engine));
            extensions.extend(own.filter_map(|template| template.source.extension().map(str::to_owned)));
        }
        if extensions.is_empty() {
            return Vec::new();
        }
        let own_files = self.own_files();
        templates::unclaimed(&self.manifest, &self.files)
            .filter(|path| path.extension().is_some_and(|extension| extensions.contains(extension)))
            .filter(|path| !own_files.contains(path.as_str()))
            .cloned()
            .collect()
    }

    /// The files that mean something else to packbox: the manifest, the message, components, queries, ontologies.
    fn own_files(&self) -> BTreeSet<&str> {
        let manifest = &*self.manifest;
        let message = manifest.pack.message.iter().map(|message| &message.value);
        let components = manifest.plugins.values().map(|plugin| &plugin.component.value);
        let named = message.chain(components).chain(self.claimed()).map(PackPath::as_str);
        named.chain([MANIFEST_NAME, ignore::FILE_NAME]).collect()
    }

    /// Says why templates of an engine can't include a file that the pack does have, and what to do; none where it has no
    /// such file.
    #[must_use]
    pub fn why_no_partial(&self, path: &str, engine: &TemplateEngine) -> Option<(String, String)> {
        let (known, _) = self.files.get_key_value(path)?;
        if self.partials(engine).contains(known) {
            return None;
        }
        if self.own_files().contains(path) {
            let message = format!("`{path}` is in the pack, but packbox itself reads it, so it can't be a partial");
            return Some((message, "put what both need into a file of its own".to_owned()));
        }
        let name_it = format!("name it in the manifest: `partials = [\"{path}\"]` below `[pack]`");
        let claimed = !templates::unclaimed(&self.manifest, &self.files).any(|unclaimed| unclaimed == known);
        if claimed {
            let source = |entry: &&super::TemplateEntry| {
                let source = entry.source.value.as_str();
                path.strip_prefix(source).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let entry = self.manifest.templates.iter().find(source).map_or(path, |entry| entry.source.value.as_str());
            let message =
                format!("`{path}` is in the pack, but the entry for `{entry}` uses it, so it can't be a partial");
            return Some((message, format!("{name_it}; or move it to where no entry claims it")));
        }
        let extensions = match engine {
            TemplateEngine::BuiltIn(engine) => engine.extensions(),
            TemplateEngine::Copy | TemplateEngine::Plugin(_) => &[],
        };
        let listed = extensions.iter().map(|extension| format!("`.{extension}`")).collect::<Vec<_>>().join(" or ");
        let message =
            format!("`{path}` is in the pack, but it is not a partial for {engine}: its name does not end in {listed}");
        Some((message, name_it))
    }
}
