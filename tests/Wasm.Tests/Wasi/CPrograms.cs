namespace Sirsi.Wasm.Tests;

/// <summary>
/// The C programs of the folder Programs as WebAssembly, compiled once by Debian's clang and wasi-libc into artifacts/wasi-programs.
/// </summary>
internal static class CPrograms
{
    private static readonly Lock Compiling = new();
    private static readonly string[] Compilers = ["clang-19", "clang-14", "clang"];

    /// <summary>The bytes of a program; skips the running test when there is no compiler for it.</summary>
    internal static byte[] Wasm(string name, params string[] flags)
    {
        string source = Path.Combine(Repository.Root, "tests", "Wasm.Tests", "Programs", name + ".c");
        string target = Path.Combine(Repository.Root, "artifacts", "wasi-programs", name + ".wasm");
        lock (Compiling)
        {
            if (!File.Exists(target) || File.GetLastWriteTimeUtc(target) < File.GetLastWriteTimeUtc(source)) Compile(source, target, flags);
            return File.ReadAllBytes(target);
        }
    }

    private static void Compile(string source, string target, string[] flags)
    {
        string? compiler = Compilers.FirstOrDefault(ChildProcess.IsInstalled);
        bool ready = compiler is not null && File.Exists("/usr/lib/wasm32-wasi/libc.a");
        Assert.SkipUnless(ready, "skipped: clang, lld, wasi-libc and libclang-rt-dev-wasm32 are not installed");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string fresh = target + ".new";
#pragma warning disable VSTHRD002 // Under a lock, so that each program is compiled once.
        ProgramResult result = ChildProcess
            .RunAsync(compiler!, ["--target=wasm32-wasi", "-O1", "-Wall", "-Wextra", "-Werror", .. flags, source, "-o", fresh])
            .GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        Assert.True(result.ExitCode == 0, result.Error);
        File.Move(fresh, target, overwrite: true);
    }
}
