//! Checks of what decodes one by one and must not come together: what is in order, or the rule that is broken.

use std::fmt::Debug;

use nnrp_core::CodecError;

use super::super::verdict::{Verdict, same};
use crate::vectors::codec_error;

/// A check has to come to this; an error is the name of the broken rule, without the `family` that all rules of the check have.
pub(super) fn judged<T: PartialEq + Debug>(
    what: &str,
    family: &str,
    found: Result<T, CodecError>,
    wanted: Result<T, &str>,
) -> Verdict {
    let found = found.map_err(|error| codec_error(&error));
    let wanted = wanted.map_err(|rule| format!("InvalidProtocolCombination {family}.{rule}"));
    same(what, found, wanted)
}
