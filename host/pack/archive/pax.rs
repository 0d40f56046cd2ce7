//! Extended headers of tar (pax): what stands in them for the next entry.
//!
//! Always true here: only keys that are known are accepted, because an unknown one may change which bytes another tool
//! takes for which file. Lengths are exact to the byte.

use crate::show::quoted;

/// What an extended header says, as far as it matters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extended {
    /// The path, in place of the one in the header.
    pub path: Option<Vec<u8>>,
    /// The size, which has to be that of the header: a pack needs no larger one than fits there.
    pub size: Option<u64>,
}

/// Keys about owners, times and where the archive was made.
const IGNORED: &[&[u8]] = &[
    b"atime",
    b"charset",
    b"comment",
    b"ctime",
    b"gid",
    b"gname",
    b"hdrcharset",
    b"mtime",
    b"uid",
    b"uname",
    b"SCHILY.dev",
    b"SCHILY.fflags",
    b"SCHILY.ino",
    b"SCHILY.nlink",
];

/// The beginnings of keys about attributes and access lists.
const IGNORED_GROUPS: &[&[u8]] = &[b"LIBARCHIVE.", b"RHT.security.", b"SCHILY.acl.", b"SCHILY.xattr."];

/// Reads the records of an extended header; errors say what is wrong as a clause.
pub(super) fn parse(mut records: &[u8]) -> Result<Extended, String> {
    let mut extended = Extended::default();
    while !records.is_empty() {
        let (key, value, rest) = split(records).ok_or("a record of an extended header is malformed")?;
        records = rest;
        let is_new = match key {
            b"path" => extended.path.replace(value.to_vec()).is_none(),
            b"size" => {
                let size = number(value).ok_or("the size in an extended header is not a number")?;
                extended.size.replace(size).is_none()
            }
            _ if IGNORED.contains(&key) || IGNORED_GROUPS.iter().any(|group| key.starts_with(group)) => true,
            _ => {
                let key = quoted(&String::from_utf8_lossy(key));
                return Err(format!("an extended header has the key {key}, which may change what the archive holds"));
            }
        };
        if !is_new {
            return Err(format!("an extended header has the key {} twice", quoted(&String::from_utf8_lossy(key))));
        }
    }
    Ok(extended)
}

/// Takes off one record, `LENGTH KEY=VALUE\n`, where the length is that of all of it; returns key, value and the rest.
fn split(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(number(&records[..space])?).ok()?;
    let rest = records.get(length..)?;
    let (newline, record) = records.get(space + 1..length)?.split_last()?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    (*newline == b'\n').then_some((&record[..equals], &record[equals + 1..], rest))
}

fn number(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_to_the_byte() {
        let extended = parse(b"11 path=a/\n15 mtime=1.5e0\n9 size=7\n20 comment=two\nline\n").unwrap();
        assert_eq!(extended, Extended { path: Some(b"a/".to_vec()), size: Some(7) });
        assert_eq!(parse(b"").unwrap(), Extended::default());
    }

    #[test]
    fn malformed_records_are_refused() {
        for records in [
            &b"path=a"[..],
            b"11 path=a\n",
            b"8 path=a\n",
            b"9 path=aa",
            b"9 path:a\n",
            b"99999999999999999999 path=a\n",
            b"+9 path=a\n",
            b" path=a\n",
            b"0 path=a\n",
            b"2 \n",
            b"9 size=x\n",
            b"9 path=a\n\0",
            b"9 path=a\n9 path=b\n",
            b"9 size=1\n9 size=1\n",
        ] {
            assert!(parse(records).is_err(), "{}", String::from_utf8_lossy(records));
        }
    }

    #[test]
    fn keys_that_may_change_contents_are_refused() {
        for key in ["linkpath", "GNU.sparse.major", "GNU.sparse.name", "SCHILY.realsize", "SCHILY.filetype", "new"] {
            let record = format!("{:02} {key}=1\n", key.len() + 6);
            assert!(parse(record.as_bytes()).unwrap_err().contains(key), "{record}");
        }
    }
}
