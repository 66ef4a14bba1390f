//! Checks after a call what the library promises of its outputs, and learns the handles among them.

use std::ffi::{CStr, c_char};

use nnrp::{NNRP_STATUS_OK, NnrpStatus, nnrp_status_name};

use super::arguments::Arguments;
use super::blocks::{Purpose, UNTOUCHED};
use super::handles::is_plausible;

impl Arguments<'_> {
    /// Checks status and outputs, and learns the handles among them.
    pub fn end(&mut self, status: NnrpStatus) {
        assert_ne!(
            name_of(status),
            "NNRP_STATUS_UNKNOWN",
            "{} gave {status}",
            self.name
        );
        for block in &self.blocks {
            match block.purpose {
                Purpose::Output { name } if status == NNRP_STATUS_OK => {
                    self.learn(&block.words, name);
                }
                Purpose::Output { .. } => {
                    assert!(
                        block.is_untouched(),
                        "{} wrote in spite of {status}",
                        self.name
                    );
                }
                Purpose::Error if status == NNRP_STATUS_OK => {
                    assert!(block.is_untouched(), "{} diagnosed a success", self.name);
                }
                Purpose::Error => {
                    let stated = block.words[0].to_ne_bytes();
                    let stated = u32::from_ne_bytes([stated[0], stated[1], stated[2], stated[3]]);
                    assert_eq!(stated, status, "{} diagnosed another status", self.name);
                }
                Purpose::Input | Purpose::AnyOutput => {}
            }
        }
    }

    /// Checks a text that lives as long as the library.
    pub fn end_with_text(&mut self, text: *const c_char) {
        if !text.is_null() {
            // SAFETY: the header promises a terminating zero and static storage.
            assert!(
                unsafe { CStr::from_ptr(text) }.to_str().is_ok(),
                "{}",
                self.name
            );
        }
    }

    /// Checks a number that is no status.
    pub fn end_with_number(&mut self, number: u32) {
        assert_ne!(number, u32::MAX, "{}", self.name);
    }

    fn learn(&self, words: &[u64], name: Option<&'static str>) {
        for &word in words
            .iter()
            .filter(|&&word| word != UNTOUCHED && is_plausible(word))
        {
            self.handles.learn(word, name);
        }
    }
}

fn name_of(status: NnrpStatus) -> String {
    // SAFETY: the header promises a terminating zero and static storage.
    let name = unsafe { CStr::from_ptr(nnrp_status_name(status)) };
    name.to_string_lossy().into_owned()
}
