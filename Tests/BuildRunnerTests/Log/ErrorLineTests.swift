import Testing

@testable import BuildRunner

struct ErrorLineTests {
    @Test(arguments: [
        // Compilers and linkers
        "main.c:3:5: error: expected ';' before 'return'",
        "main.c:1:10: fatal error: clay.h: No such file or directory",
        "error[E0382]: borrow of moved value: `clay`", "error: could not compile `kiln` (bin \"kiln\")",
        "src/app.ts(3,5): error TS2322: Type 'string' is not assignable", "Program.cs(3,5): error CS1002: ; expected",
        "clang: error: linker command failed with exit code 1", "/usr/bin/ld: cannot find -lclay",
        "ld: main.o: undefined reference to `main'", "e: file:///app/Main.kt:3:5 Unresolved reference: clay",
        "/src/Main.java:3: error: cannot find symbol", "thread 'main' panicked at src/main.rs:2:5:",
        "panic: runtime error: index out of range", "[ERROR] /src/App.java:[3,5] cannot find symbol",
        // make, CMake, ninja
        "make: *** [Makefile:2: all] Error 1", "make[2]: *** No rule to make target 'clay'.  Stop.",
        "CMake Error at CMakeLists.txt:10 (find_package):",
        // apt, dpkg, images
        "E: Unable to locate package clay", "dpkg: error processing package clay (--configure):",
        "dpkg-deb: error: 'clay.deb' is not a Debian format archive", "Err:5 http://deb.debian.org bookworm/main clay",
        "The following packages have unmet dependencies:", "xorriso : FAILURE : Cannot determine attributes",
        // shells
        "/bin/sh: 1: mkisofs: not found", "build.sh: line 3: foo: command not found",
        "cp: cannot stat 'x': No such file or directory", "dd: error writing 'x': No space left on device",
        "bash: ./run: Permission denied", "run.sh: 4: CLAY: parameter not set",
        "build.sh: line 9: CLAY: unbound variable",
        "/bin/bash: bad interpreter: No such file or directory", "Killed", "build.sh: line 2: syntax error near `fi'",
        "Segmentation fault (core dumped)", "[    1.2] Kernel panic - not syncing: VFS",
        // npm, yarn, Python, git, network
        "npm ERR! code E404", "npm error code ENOENT", "error Command failed with exit code 1.",
        "ValueError: clay is not hot", "java.lang.IllegalStateException: no kiln",
        "Exception in thread \"main\" java.lang.Error", "FAILED tests/test_kiln.py::test_hot - assert 1 == 2",
        "ERROR: Could not find a version that satisfies the requirement clay",
        "fatal: not a git repository (or any of the parent directories)", "curl: (6) Could not resolve host: clay.test",
        "curl: (22) The requested URL returned error: 404", "2026-11-21 ERROR 404: Not Found.",
        // containers and CIs
        "Error response from daemon: manifest for clay:1 not found",
        "ERROR: failed to solve: process \"/bin/sh\" failed",
        "##[error]The template is not valid.", "::error file=a.c,line=1::no clay",
        "Execution failed for task ':app:packageRelease'.",
    ])
    func `What tools say when they fail is an error`(line: String) {
        #expect(ErrorLine(line) == .error)
        #expect(ErrorLine("   " + line) == .error)
    }

    @Test(arguments: [
        "FAILURE: Build failed with an exception.", "BUILD FAILED in 3s",
        "##[error]Process completed with exit code 1.",
        "ERROR: Job failed: exit code 1", "FAILED: kiln.o", "> Task :app:compileReleaseKotlin FAILED",
        "ninja: build stopped: subcommand failed.",
    ])
    func `That something failed, without what, is a hint`(line: String) {
        #expect(ErrorLine(line) == .hint)
    }

    @Test(arguments: [
        "", "x", "0 errors, 2 warnings", "Checking error handling", "error handling is on", "installing liberror-perl",
        "gcc -Wall -Werror -c main.c", "no error", "errors.o", "errors: 0", "Error: 0", "error: none", "no error: fine",
        "0 error: clean", "cc -Wno-error=clay", "warning: error: is unused", "npm WARN clay: not found",
        "W: Failed to fetch http://x: No such file or directory", "checking for clay.h... not found",
        "-- Clay: not found",
        "+ echo error: not yet", "/var/log/error.log", "test error_handling ... ok",
        "Get:5 http://x liberror-perl 0.17",
        "INFO: error: retried", "##[debug]error: no", "see https://x/error: here", "last error: timeout (recovered)",
        "#define ERROR 1", "Compiling errors.swift", "Error handling middleware installed",
        "set -e exits on error: yes",
        "0 failed, 12 passed", "task failed successfully? no", "drivers/error.o",
    ])
    func `What only talks of errors is none`(line: String) {
        #expect(ErrorLine(line) == nil)
    }
}
