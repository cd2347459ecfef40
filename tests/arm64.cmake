# Builds for aarch64 against the packages in SAMESTORY_SYSROOT (tests/arm64-sysroot makes it), and runs
# what was built under qemu: QEMU_LD_PREFIX and QEMU_CPU tell it where the packages are and which CPU
# to be. For tests/run --arm64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SAMESTORY_SYSROOT)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_SYSROOT ${SAMESTORY_SYSROOT})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

# Libraries come from there alone, programs from this machine.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(libraries ${SAMESTORY_SYSROOT}/usr/lib/aarch64-linux-gnu)
file(GLOB openblas ${libraries}/openblas-*/pkgconfig)
list(JOIN openblas ":" openblas)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${SAMESTORY_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${libraries}/pkgconfig:${SAMESTORY_SYSROOT}/usr/share/pkgconfig:${openblas})

# gcc 12 warns of xxhash.h where it is compiled for aarch64 (a loop that it takes for unbounded).
set(CMAKE_C_FLAGS_INIT -Wno-array-bounds)
