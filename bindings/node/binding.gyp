# Builds the addon from source against an unpacked C package (include/ and lib/libnnrp.a):
#   npx node-gyp rebuild --nnrp_dir=/path/to/nnrp
{
  "variables": { "nnrp_dir%": "" },
  "targets": [
    {
      "target_name": "nnrp",
      "sources": ["native/addon.g.c"],
      "include_dirs": ["<(nnrp_dir)/include"],
      "defines": ["NNRP_STATIC"],
      "cflags": ["-std=c11", "-fvisibility=hidden"],
      "conditions": [
        ["OS=='linux'", {
          "libraries": ["<(nnrp_dir)/lib/libnnrp.a", "-lpthread", "-ldl", "-lm"],
          "ldflags": ["-Wl,--version-script=<(module_root_dir)/native/addon.map", "-Wl,-z,nodelete", "-Wl,--gc-sections"]
        }],
        ["OS=='mac'", {
          "libraries": ["<(nnrp_dir)/lib/libnnrp.a"],
          "xcode_settings": {
            "OTHER_LDFLAGS": ["-Wl,-exported_symbols_list,<(module_root_dir)/native/addon.exports", "-Wl,-dead_strip"]
          }
        }],
        ["OS=='win'", {
          "libraries": ["<(nnrp_dir)/lib/nnrp.lib", "ws2_32.lib", "userenv.lib", "ntdll.lib", "bcrypt.lib", "advapi32.lib"]
        }]
      ]
    }
  ]
}
