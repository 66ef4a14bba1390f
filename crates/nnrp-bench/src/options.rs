//! The command line of the bench programs: a command, what it is about, and named values.

use std::str::FromStr;

/// The words after the command.
#[derive(Debug)]
pub struct Options {
    words: Vec<String>,
}

impl Options {
    /// Takes the words over.
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// The word at a place, which the usage names.
    pub fn word(&self, position: usize, meaning: &str) -> Result<&str, String> {
        let word = self.words.get(position).map(String::as_str);
        word.ok_or_else(|| format!("{meaning} is missing"))
    }

    /// The value of a named option, if it is there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let position = self.words.iter().position(|word| word == name)?;
        self.words.get(position + 1).map(String::as_str)
    }

    /// A number, or its default.
    pub fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, String> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| format!("{name} takes a number, not {text:?}")),
        }
    }

    /// The content of the file that an option names.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.text(name).ok_or(format!("{name} FILE is needed"))?;
        std::fs::read(path).map_err(|error| format!("cannot read {path}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_follows_its_name_and_a_missing_one_has_its_default() {
        let words = ["tcp://[::1]:1", "--count", "7"].map(String::from).to_vec();
        let options = Options::new(words);
        assert_eq!(options.word(0, "the address"), Ok("tcp://[::1]:1"));
        assert_eq!(options.number("--count", 1), Ok(7));
        assert_eq!(options.number("--size", 64), Ok(64));
        assert!(options.number::<u32>("tcp://[::1]:1", 0).is_err());
    }
}
