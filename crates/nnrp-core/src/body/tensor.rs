//! Tensor payloads: tile ids and sections (spec 03 §3.11, 04 §4.9).
//!
//! The published codec carries these blocks as they are; use them between peers that agree.

use crate::code::{DataType, TileIndexMode};
use crate::codec_error::CodecError;
use crate::wire::fixed_structure;
use alloc::vec;
use alloc::vec::Vec;

fixed_structure! {
    /// Head of a tensor section: codec table, length table and payload follow it in this order.
    TensorSection "tensor_section" 32 {
        /// Meaning of the section; no registry.
        role_id: u16 as u16 @ 0,
        /// Default codec.
        codec_id: u8 as u8 @ 2,
        /// Numeric format.
        dtype_id: DataType as u8 @ 3,
        /// Memory layout.
        layout_id: u8 as u8 @ 4,
        /// How quantised values are scaled.
        scale_policy: u8 as u8 @ 5,
        /// Flags of the section.
        flags: u16 as u16 @ 6,
        /// Elements of one tile.
        element_count_per_tile: u32 as u32 @ 8,
        /// Bytes of the codec table.
        codec_table_bytes: u32 as u32 @ 12,
        /// Bytes of the length table, entries of four bytes.
        length_table_bytes: u32 as u32 @ 16,
        /// Bytes of the payload.
        payload_bytes: u32 as u32 @ 20,
        /// Bytes from one tile to the next; 0 = variable.
        payload_stride_bytes: u32 as u32 @ 24,
    }
    reserved { reserved: u32 @ 28, }
}

/// A section and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorSectionParts<'a> {
    /// The head.
    pub section: TensorSection,
    /// One codec a tile, where they differ from the default.
    pub codec_table: &'a [u8],
    /// One little-endian `u32` a tile, where the stride is variable.
    pub length_table: &'a [u8],
    /// The tiles.
    pub payload: &'a [u8],
}

impl<'a> TensorSectionParts<'a> {
    /// Reads a section from the front of `source`; returns it and what lies behind it.
    pub fn decode(source: &'a [u8]) -> Result<(Self, &'a [u8]), CodecError> {
        let section = TensorSection::decode(source)?;
        let rest = &source[TensorSection::SIZE..];
        let (codec_table, rest) = part(rest, section.codec_table_bytes)?;
        let (length_table, rest) = part(rest, section.length_table_bytes)?;
        let (payload, rest) = part(rest, section.payload_bytes)?;
        let parts = Self {
            section,
            codec_table,
            length_table,
            payload,
        };
        Ok((parts, rest))
    }
}

fn part(source: &[u8], length: u32) -> Result<(&[u8], &[u8]), CodecError> {
    let length = length as usize;
    source
        .split_at_checked(length)
        .ok_or(CodecError::SourceTooShort {
            expected: length,
            actual: source.len(),
        })
}

/// Why a tile index block cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileIndexError {
    /// The block has another length than the mode and count need.
    Length {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The ids do not ascend, or leave the 16-bit range.
    Order,
    /// The bitset has another number of set bits than tiles are announced.
    Count {
        /// Tiles announced.
        expected: usize,
        /// Bits set.
        actual: usize,
    },
}

impl core::fmt::Display for TileIndexError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Length { expected, actual } => {
                write!(
                    f,
                    "a tile index block of {actual} bytes; {expected} are needed"
                )
            }
            Self::Order => f.write_str("tile ids must ascend strictly and fit 16 bits"),
            Self::Count { expected, actual } => {
                write!(f, "{actual} tiles in the bitset; {expected} are announced")
            }
        }
    }
}

impl core::error::Error for TileIndexError {}

/// The ids of `tile_count` tiles. `tile_base_id` counts for a dense range only.
pub fn decode_tile_index(
    mode: TileIndexMode,
    tile_base_id: u32,
    tile_count: u16,
    block: &[u8],
) -> Result<Vec<u16>, TileIndexError> {
    let count = usize::from(tile_count);
    match mode {
        TileIndexMode::DenseRange => {
            expect_length(block, 0)?;
            (0..u32::from(tile_count))
                .map(|step| id(tile_base_id.checked_add(step)))
                .collect()
        }
        TileIndexMode::RawU16 => {
            expect_length(block, count * 2)?;
            Ok(words(block).collect())
        }
        TileIndexMode::DeltaU16 => {
            expect_length(block, count * 2)?;
            undo_deltas(words(block))
        }
        TileIndexMode::Bitset => decode_bitset(block, count),
    }
}

/// The block for ids that ascend strictly; a dense range needs none.
pub fn encode_tile_index(mode: TileIndexMode, ids: &[u16]) -> Result<Vec<u8>, TileIndexError> {
    if mode == TileIndexMode::RawU16 {
        return Ok(ids.iter().flat_map(|id| id.to_le_bytes()).collect());
    }
    if !ids.is_sorted_by(|lower, higher| lower < higher) {
        return Err(TileIndexError::Order);
    }
    Ok(match mode {
        TileIndexMode::DeltaU16 => deltas(ids).flat_map(u16::to_le_bytes).collect(),
        TileIndexMode::Bitset => encode_bitset(ids),
        TileIndexMode::DenseRange if is_dense(ids) => Vec::new(),
        _ => return Err(TileIndexError::Order),
    })
}

fn expect_length(block: &[u8], expected: usize) -> Result<(), TileIndexError> {
    if block.len() == expected {
        return Ok(());
    }
    Err(TileIndexError::Length {
        expected,
        actual: block.len(),
    })
}

fn id(value: Option<u32>) -> Result<u16, TileIndexError> {
    value
        .and_then(|value| u16::try_from(value).ok())
        .ok_or(TileIndexError::Order)
}

fn words(block: &[u8]) -> impl Iterator<Item = u16> {
    let (words, _) = block.as_chunks::<2>();
    words.iter().map(|word| u16::from_le_bytes(*word))
}

fn undo_deltas(deltas: impl Iterator<Item = u16>) -> Result<Vec<u16>, TileIndexError> {
    let mut ids: Vec<u16> = Vec::new();
    for delta in deltas {
        let next = match ids.last() {
            None => delta,
            Some(_) if delta == 0 => return Err(TileIndexError::Order),
            Some(last) => last.checked_add(delta).ok_or(TileIndexError::Order)?,
        };
        ids.push(next);
    }
    Ok(ids)
}

fn deltas(ids: &[u16]) -> impl Iterator<Item = u16> {
    let differences = ids.windows(2).map(|pair| pair[1] - pair[0]);
    ids.first().copied().into_iter().chain(differences)
}

fn is_dense(ids: &[u16]) -> bool {
    ids.windows(2).all(|pair| pair[1] - pair[0] == 1)
}

fn decode_bitset(block: &[u8], count: usize) -> Result<Vec<u16>, TileIndexError> {
    // Ids have 16 bits, so a longer bitset holds none that could be named.
    const LONGEST: usize = (u16::MAX as usize + 1) / 8;
    if block.len() > LONGEST || block.last() == Some(&0) {
        let highest = block.iter().rposition(|byte| *byte != 0);
        return Err(TileIndexError::Length {
            expected: highest.map_or(0, |at| at + 1).min(LONGEST),
            actual: block.len(),
        });
    }
    let ids: Vec<u16> = (0..=u16::MAX)
        .take(block.len() * 8)
        .filter(|id| block[usize::from(id / 8)] >> (id % 8) & 1 != 0)
        .collect();
    if ids.len() == count {
        return Ok(ids);
    }
    Err(TileIndexError::Count {
        expected: count,
        actual: ids.len(),
    })
}

fn encode_bitset(ids: &[u16]) -> Vec<u8> {
    let bytes = ids.last().map_or(0, |highest| usize::from(highest / 8) + 1);
    let mut block = vec![0; bytes];
    for id in ids {
        block[usize::from(id / 8)] |= 1 << (id % 8);
    }
    block
}
