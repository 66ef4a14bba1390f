//! The numbers of submits (spec 05 §5.1).

use crate::wire::closed_enum;

closed_enum! {
    /// Input of a tensor submit.
    InputProfile in (u8), "input_profile", default Unspecified {
        /// None.
        Unspecified = 0 "unspecified",
        /// Luma of changed tiles.
        ChangedTilesLuma = 1 "changed_tiles_luma",
        /// Luma of the full frame.
        DenseLumaFrame = 2 "dense_luma_frame",
    }
}

closed_enum! {
    /// Encoding of the tile index block.
    TileIndexMode in (u8), "tile_index_mode", default DenseRange {
        /// Consecutive ids from `tile_base_id`.
        DenseRange = 0 "dense_range",
        /// One `u16` a tile.
        RawU16 = 1 "raw_u16",
        /// Differences between ascending ids.
        DeltaU16 = 2 "delta_u16",
        /// One bit a tile id.
        Bitset = 3 "bitset",
    }
}

closed_enum! {
    /// How the objects of a submit travel.
    SubmitMode in (u8), "submit_mode", default Inline {
        /// All inline.
        Inline = 0 "inline",
        /// Standard objects by reference.
        Reference = 1 "reference",
        /// Some inline, some by reference.
        Mixed = 2 "mixed",
    }
}
