// How the addon stays mapped for as long as threads of the library may run, and says where its file is.

/** Needs `on_wake`, an address within the image. */
export const addonImage = String.raw`/* ---- The image ------------------------------------------------------------------------------------------------------- */

/* The library's threads outlive the environment that loaded the addon, so its code must stay mapped until the process ends: a
 * worker that exits would otherwise unload it under them. */
#if defined(_WIN32)
static void pin_image(void) {
    HMODULE module = NULL;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(uintptr_t)&on_wake,
                       &module);
}

static napi_value image_path(napi_env env) {
    HMODULE module = NULL;
    WCHAR path[32768];
    napi_value result = NULL;
    DWORD length = 0;
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(uintptr_t)&on_wake, &module)) {
        length = GetModuleFileNameW(module, path, (DWORD)(sizeof path / sizeof path[0]));
    }
    napi_create_string_utf16(env, (const char16_t *)path, length, &result);
    return result;
}
#else
static bool own_image(Dl_info *image) { return dladdr((void *)(uintptr_t)&on_wake, image) != 0 && image->dli_fname != NULL; }

static void pin_image(void) {
    Dl_info image;
    if (own_image(&image)) {
        /* The handle is kept on purpose. */
        dlopen(image.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
    }
}

static napi_value image_path(napi_env env) {
    Dl_info image;
    return text_or_null(env, own_image(&image) ? image.dli_fname : "");
}
#endif
`;
