//! Keeps the shared library mapped once it owns threads: an unload under them would crash the process.
//!
//! On ELF the linker flag `-z nodelete` says so in the file; elsewhere the loader is asked when the first thread starts.

/// Makes the system refuse to unload the image this function is in. Without effect in a static build.
#[cfg(windows)]
pub(crate) fn pin() {
    use std::ffi::c_void;

    const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
    const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, out: *mut *mut c_void) -> i32;
    }

    let mut module = std::ptr::null_mut();
    // SAFETY: with FROM_ADDRESS the second parameter is any address inside the image; `module` is a live local.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
            (pin as fn()) as *const c_void,
            &raw mut module,
        );
    }
}

/// Makes the system refuse to unload the image this function is in. Without effect in a static build.
#[cfg(target_vendor = "apple")]
pub(crate) fn pin() {
    use std::ffi::{c_char, c_int, c_void};

    const RTLD_LAZY: c_int = 0x1;
    const RTLD_NOLOAD: c_int = 0x10;
    const RTLD_NODELETE: c_int = 0x80;

    #[repr(C)]
    struct DlInfo {
        file: *const c_char,
        base: *mut c_void,
        symbol: *const c_char,
        address: *mut c_void,
    }

    unsafe extern "C" {
        fn dladdr(address: *const c_void, out: *mut DlInfo) -> c_int;
        fn dlopen(file: *const c_char, mode: c_int) -> *mut c_void;
    }

    let mut info = DlInfo {
        file: std::ptr::null(),
        base: std::ptr::null_mut(),
        symbol: std::ptr::null(),
        address: std::ptr::null_mut(),
    };
    // SAFETY: `info` is a live local; dladdr fills `file` with a zero-terminated path that stays with the image.
    unsafe {
        if dladdr((pin as fn()) as *const c_void, &raw mut info) != 0 && !info.file.is_null() {
            dlopen(info.file, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
        }
    }
}

/// Nothing to do: the linker flag keeps the image.
#[cfg(not(any(windows, target_vendor = "apple")))]
pub(crate) fn pin() {}
