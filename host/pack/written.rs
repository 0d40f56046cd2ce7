//! A pack written as one file: the canonical `.pack`.
//!
//! Always true here: the bytes depend on the paths, the contents and the executable bits of the pack's files only. There
//! are no times, owners, folders or links in them, entries stand in the order of their paths' bytes, and the encoder is
//! the one that packbox was built with; another version of it may make other bytes, which is why packs are known by
//! [`Pack::digest`](crate::pack::Pack::digest) and not by their archive's digest.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::{Builder, EntryType, Header};

use super::load::Pack;
use crate::error::{Error, Result};

impl Pack {
    /// Writes everything that belongs to the pack as an archive, which [`Pack::from_archive`] reads.
    ///
    /// Errors are those of [`Pack::read`].
    pub fn to_archive(&self) -> Result<Vec<u8>> {
        let label = &self.label;
        let failed = |error| Error::io(format!("cannot make an archive of `{label}`"), error);
        let mut tar = Builder::new(Vec::new());
        for (path, info) in &*self.files {
            let contents = self.read(path)?;
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_size(contents.len() as u64);
            header.set_mode(if info.executable { 0o755 } else { 0o644 });
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            // A path that does not fit a header gets an entry of its own before it, in the form of GNU tar.
            tar.append_data(&mut header, path.as_str(), contents.as_slice()).map_err(failed)?;
        }
        let tar = tar.into_inner().map_err(failed)?;
        Ok(compress_to_vec(tar.as_slice(), CompressionLevel::Fastest))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::pack::PackLimits;

    fn written(folder: &Path) -> (Pack, Vec<u8>) {
        let pack = Pack::load(folder, &PackLimits::default()).unwrap();
        let bytes = pack.to_archive().unwrap();
        (pack, bytes)
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_come_back() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let long = format!("{}/{}.txt", "a".repeat(120), "b".repeat(120));
        // Made in another order, at another time, with other bits for the group.
        for (folder, order) in [(&first, [0, 1, 2]), (&second, [2, 0, 1])] {
            let files = [
                ("pack.toml", "[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n"),
                (long.as_str(), "long\n"),
                ("templates/ä.txt", "\u{e4}\n"),
            ];
            for index in order {
                let path = folder.path().join(files[index].0);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, files[index].1).unwrap();
            }
        }
        let (pack, bytes) = written(first.path());
        let (_, again) = written(second.path());
        assert_eq!(bytes, again);
        let read = Pack::from_archive("demo.pack", &bytes, &PackLimits::default()).unwrap();
        assert_eq!(read.digest().unwrap(), pack.digest().unwrap());
        assert_eq!(read.to_archive().unwrap(), bytes);
    }

    #[cfg(unix)]
    #[test]
    fn executable_bits_are_kept_and_no_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.toml"), "[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n").unwrap();
        let run = folder.path().join("run.sh");
        std::fs::write(&run, "true\n").unwrap();
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o744)).unwrap();
        let (_, bytes) = written(folder.path());
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o4777)).unwrap();
        assert_eq!(written(folder.path()).1, bytes);
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(written(folder.path()).1, bytes);
    }
}
