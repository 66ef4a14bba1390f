//! What is wrong with a command line, and the word that was probably meant.

/// What is wrong with a command line, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// A word that is none of those that are known.
pub(super) fn unknown(what: &str, given: &str, known: &[&str]) -> UsageError {
    let nearest = known.iter().map(|name| (distance(given, name), name)).min();
    match nearest {
        Some((steps, name)) if steps <= 3 => {
            UsageError(format!("unknown {what} {given:?}; did you mean {name:?}?"))
        }
        _ => UsageError(format!(
            "unknown {what} {given:?}; known are {}",
            known.join(", ")
        )),
    }
}

/// Edits that turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
