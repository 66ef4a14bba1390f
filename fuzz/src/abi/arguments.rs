//! Draws the arguments of a call from bytes.

use std::ffi::{c_char, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use nnrp::NnrpError;

use super::blocks::{Block, Purpose, UNTOUCHED};
use super::handles::Handles;

/// The largest record that the library reads; one that claims more is refused unread.
const LARGEST_RECORD: usize = 4096;
/// Most items of an array.
const MOST_ITEMS: usize = 9;

/// Endpoints of every kind, and texts that are none.
const TEXTS: [&str; 16] = [
    "nnrp+mem://fuzz-a",
    "nnrp+mem://fuzz-b",
    "nnrp+mem://fuzz-pair-0",
    "nnrp+tcp://127.0.0.1:0",
    "nnrp+tcp://127.0.0.1:1",
    "nnrp+tcp://[::1]:0",
    "nnrp+tls://127.0.0.1:0",
    "nnrp+quic://127.0.0.1:0",
    "nnrps://127.0.0.1:1",
    "nnrp+tcp://127.0.0.1",
    "nnrp+mem://",
    "http://127.0.0.1:80",
    "nnrp+tcp://:0",
    "nnrp+tcp://127.0.0.1:65536",
    "\u{e9}\u{1f600}",
    "",
];

/// How many times the library has called back.
static CALLBACKS: AtomicU64 = AtomicU64::new(0);

/// The arguments of one call after the other.
pub struct Arguments<'a> {
    bytes: &'a [u8],
    pub(super) handles: &'a Handles,
    /// The function that is being called.
    pub(super) name: &'static str,
    /// Memory of the present call.
    pub(super) blocks: Vec<Block>,
}

impl<'a> Arguments<'a> {
    pub fn new(bytes: &'a [u8], handles: &'a Handles) -> Self {
        Self {
            bytes,
            handles,
            name: "",
            blocks: Vec::new(),
        }
    }

    /// The next byte of the input.
    pub fn next_byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    /// Starts with the next function.
    pub fn begin(&mut self, name: &'static str) {
        self.name = name;
        self.blocks.clear();
    }

    /// A handle for a parameter of this name: mostly one that fits, else a foreign, a damaged or an invented one.
    pub fn handle(&mut self, name: &str) -> u64 {
        let (way, choice) = (self.byte(), usize::from(self.byte()));
        let any = self.handles.any(choice).unwrap_or_default();
        match way {
            0 => 0,
            1 => self.number(),
            2 => any + (1 << 24),
            3 => any ^ (1 << (choice % 64)),
            4..=15 => any,
            _ => self.handles.pick(name, choice).unwrap_or(any),
        }
    }

    /// A number: small, at a limit of some type, or any.
    pub fn number(&mut self) -> u64 {
        let way = self.byte();
        let value = u64::from(self.byte());
        match way {
            0..=127 => value,
            128..=159 => value << 8,
            160..=191 => 1_u64
                .rotate_left(u32::from(way & 31))
                .wrapping_sub(value & 1),
            192..=223 => u64::MAX - value,
            _ => (0..7).fold(value, |all, _| all << 8 | u64::from(self.byte())),
        }
    }

    /// No time, or hardly any.
    pub fn moment(&mut self) -> u64 {
        u64::from(self.byte() == 0)
    }

    /// One record.
    pub fn record<T>(&mut self) -> *const T {
        self.records::<T>(1).0
    }

    /// Items and how many they are said to be.
    pub fn items<T>(&mut self) -> (*const T, usize) {
        if !mem::size_of::<T>().is_multiple_of(8) {
            let (pointer, size) = self.content();
            return (pointer.cast(), size / mem::size_of::<T>());
        }
        let count = usize::from(self.byte()) % MOST_ITEMS;
        self.records(count)
    }

    /// Text and its size.
    pub fn text(&mut self) -> (*const c_char, usize) {
        let (way, choice) = (self.byte(), usize::from(self.byte()));
        if way < 16 {
            let (pointer, size) = self.content();
            return (pointer.cast(), size);
        }
        let text = TEXTS[choice % TEXTS.len()];
        (self.input(text.as_bytes()).cast(), text.len())
    }

    /// Room for items, and for how many.
    pub fn room<T>(&mut self) -> (*mut T, usize) {
        let choice = usize::from(self.byte());
        let count = if mem::size_of::<T>() == 1 {
            choice * 4
        } else {
            choice % 20
        };
        if self.byte() < 8 {
            return (ptr::null_mut(), count);
        }
        let purpose = Purpose::Output { name: None };
        (
            self.block(count * mem::size_of::<T>(), purpose).cast(),
            count,
        )
    }

    /// Room for one output.
    pub fn out<T>(&mut self, name: &'static str, also_on_failure: bool) -> *mut T {
        if self.byte() < 8 {
            return ptr::null_mut();
        }
        let purpose = if also_on_failure {
            Purpose::AnyOutput
        } else {
            Purpose::Output {
                name: name.strip_prefix("out_"),
            }
        };
        self.block(mem::size_of::<T>(), purpose).cast()
    }

    /// Room for a diagnosis, or none.
    pub fn error(&mut self) -> *mut NnrpError {
        if self.byte() < 64 {
            return ptr::null_mut();
        }
        self.block(mem::size_of::<NnrpError>(), Purpose::Error)
            .cast()
    }

    /// A callback, or none.
    pub fn callback(&mut self) -> Option<unsafe extern "C" fn(*mut c_void)> {
        unsafe extern "C" fn count(_: *mut c_void) {
            CALLBACKS.fetch_add(1, Ordering::Relaxed);
        }
        (self.byte() >= 64).then_some(count)
    }

    /// What the callback gets, and does not look at.
    #[allow(clippy::cast_possible_truncation)] // Any address will do.
    pub fn user_data(&mut self) -> *mut c_void {
        ptr::without_provenance_mut(self.number() as usize)
    }

    /// Records of the size that they state, or of what the library would read of them; some fields are set.
    fn records<T>(&mut self, count: usize) -> (*const T, usize) {
        let own = mem::size_of::<T>();
        let stated = match self.byte() {
            0 => usize::from(self.byte()),
            1 => own - 8,
            2 => own + 8,
            3 => LARGEST_RECORD,
            4 => LARGEST_RECORD + 8,
            5 => usize::MAX,
            6 => return (ptr::null(), count),
            _ => own,
        };
        let size = if stated > LARGEST_RECORD {
            own
        } else {
            stated.max(own)
        };
        let mut words = vec![0_u64; size.div_ceil(8) * count.max(1)];
        for _ in 0..self.byte() % 8 {
            let at = usize::from(self.byte()) % words.len();
            words[at] = self.number();
        }
        for record in words.chunks_mut(size.div_ceil(8)) {
            let high = record[0] >> 32;
            #[allow(clippy::cast_possible_truncation)] // An impossible size stays one.
            let low = u64::from(stated as u32);
            record[0] = if cfg!(target_endian = "little") {
                high << 32 | low
            } else {
                low << 32 | high
            };
        }
        let pointer = self.keep(words.into(), Purpose::Input);
        (pointer.cast_const().cast(), count)
    }

    /// Up to 63 bytes of the input, or a large block of one value.
    fn content(&mut self) -> (*const u8, usize) {
        let (way, size) = (self.byte(), usize::from(self.byte()));
        match way {
            0 => (ptr::null(), size),
            1..=7 => (self.input(&vec![way; size * 512]), size * 512),
            _ => {
                let bytes = self.bytes;
                let (taken, rest) = bytes.split_at(bytes.len().min(size % 64));
                self.bytes = rest;
                (self.input(taken), taken.len())
            }
        }
    }

    fn input(&mut self, bytes: &[u8]) -> *const u8 {
        let mut words = vec![0; bytes.len().div_ceil(8).max(1)];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(padded);
        }
        self.keep(words.into(), Purpose::Input).cast_const().cast()
    }

    fn block(&mut self, size: usize, purpose: Purpose) -> *mut u64 {
        self.keep(vec![UNTOUCHED; size.div_ceil(8)].into(), purpose)
    }

    fn keep(&mut self, mut words: Box<[u64]>, purpose: Purpose) -> *mut u64 {
        let pointer = words.as_mut_ptr();
        self.blocks.push(Block { words, purpose });
        pointer
    }

    /// The next byte, zero at the end.
    fn byte(&mut self) -> u8 {
        self.next_byte().unwrap_or_default()
    }
}
