//! JSON without white space, written in order. Texts are identifiers and need no escapes.

/// One line in the making.
#[derive(Debug, Default)]
pub(super) struct Json {
    text: String,
}

impl Json {
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    pub(super) fn end_line(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('{');
        members(self);
        self.text.push('}');
    }

    pub(super) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        items(self);
        self.text.push(']');
    }

    /// Starts a member; its value is what is written next.
    pub(super) fn key(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.text.push(':');
        self
    }

    pub(super) fn number(&mut self, value: u64) {
        self.separate();
        self.push_decimal(value);
    }

    /// A number that other languages may not hold exactly, as a string.
    pub(super) fn wide_number(&mut self, value: u64) {
        self.separate();
        self.text.push('"');
        self.push_decimal(value);
        self.text.push('"');
    }

    pub(super) fn text(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        self.text.push_str(value);
        self.text.push('"');
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.separate();
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn push_decimal(&mut self, value: u64) {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// A comma, unless this is the first of its list or object or the value of a key.
    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }
}
