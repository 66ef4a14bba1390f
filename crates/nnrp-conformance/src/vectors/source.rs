//! Reads the text formats of `spec/vectors` into vectors and cases.

use std::fmt;

/// A text that is not in the format of the vectors.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Malformed {}

/// Bytes that decode, and to what.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) structure: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) fields: Vec<(String, u64)>,
}

/// Bytes that are refused, and how.
#[derive(Debug)]
pub(super) struct Rejected {
    pub(super) id: String,
    pub(super) structure: String,
    pub(super) bytes: Vec<u8>,
    pub(super) error: String,
}

/// An error code as it travels.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) name: String,
    pub(super) bytes: [u8; 4],
}

/// Steps that happen one after the other.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
}

/// One step of a case.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) words: Vec<String>,
    pub(super) outcome: String,
}

#[derive(Debug)]
pub(super) enum Item {
    Accept(Accepted),
    Reject(Rejected),
    Code(Code),
    Case(Case),
}

impl Item {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Accept(vector) => &vector.id,
            Self::Reject(vector) => &vector.id,
            Self::Code(code) => &code.name,
            Self::Case(case) => &case.name,
        }
    }
}

/// The items of a text; empty lines and lines that start with `#` are skipped.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, Malformed> {
    let mut items = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let line = index + 1;
        if !content.is_empty() && !content.starts_with('#') {
            parse_line(&mut items, line, content).map_err(|what| Malformed { line, what })?;
        }
    }
    Ok(items)
}

fn parse_line(items: &mut Vec<Item>, line: usize, content: &str) -> Result<(), String> {
    let (key, value) = content.split_once(' ').unwrap_or((content, ""));
    match (key, items.last_mut()) {
        ("vector", _) => items.push(Item::Accept(Accepted {
            id: value.to_owned(),
            ..Accepted::default()
        })),
        ("reject", _) => items.push(Item::Reject(parse_rejected(value)?)),
        ("code", _) => items.push(Item::Code(parse_code(value)?)),
        ("case", _) => items.push(Item::Case(Case {
            name: value.to_owned(),
            steps: Vec::new(),
        })),
        (_, Some(Item::Accept(vector))) => add_to_vector(vector, key, value)?,
        (_, Some(Item::Case(case))) => case.steps.push(parse_step(line, content)?),
        _ => return Err(format!("`{key}` starts no vector and no case")),
    }
    Ok(())
}

fn add_to_vector(vector: &mut Accepted, key: &str, value: &str) -> Result<(), String> {
    match key {
        "source" => {}
        "structure" => value.clone_into(&mut vector.structure),
        "hex" => vector.bytes = parse_hex(value)?,
        "field" => {
            let (name, number) = value.split_once(' ').ok_or("a field needs a number")?;
            vector.fields.push((name.to_owned(), parse_number(number)?));
        }
        _ => return Err(format!("`{key}` is not part of a vector")),
    }
    Ok(())
}

fn parse_rejected(value: &str) -> Result<Rejected, String> {
    let parts: Vec<&str> = value.splitn(4, ' ').collect();
    let [id, structure, hex, error] = parts[..] else {
        return Err("a rejected vector has id, structure, hex and error".to_owned());
    };
    Ok(Rejected {
        id: id.to_owned(),
        structure: structure.to_owned(),
        bytes: parse_hex(hex)?,
        error: error.to_owned(),
    })
}

fn parse_code(value: &str) -> Result<Code, String> {
    let parts: Vec<&str> = value.split(' ').collect();
    let [hex, _family, name] = parts[..] else {
        return Err("a code has hex, family and name".to_owned());
    };
    let bytes = parse_hex(hex)?.try_into();
    Ok(Code {
        name: name.to_owned(),
        bytes: bytes.map_err(|_| "a code has four bytes")?,
    })
}

fn parse_step(line: usize, content: &str) -> Result<Step, String> {
    let (words, outcome) = content.split_once(" => ").ok_or("a step needs ` => `")?;
    Ok(Step {
        line,
        words: words.split(' ').map(str::to_owned).collect(),
        outcome: outcome.to_owned(),
    })
}

pub(super) fn parse_number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a number that fits"))
}

fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    let digit = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs
        .collect::<Option<_>>()
        .ok_or_else(|| "these are not hex digits in pairs".to_owned())
}
