using System.Security.Cryptography;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>Programs of others, interpreted and compiled: the same output, the same exit code and the same fuel, to the unit.</summary>
public sealed class WasiEngineTests
{
    public static TheoryData<string, string> Programs => new()
    {
        { "hello", "a b c" }, { "cat", "" }, { "flood", "300000 1000" }, { "clock", "1000" }, { "files", "" },
        { "probe", "ls . mkdir a rename a b ls . rmdir b open c 0 1 0x42 0 write 4 text seek 4 0 0 read 4 9 exit 9" },
    };

    [Theory, MemberData(nameof(Programs))]
    public void A_program_does_the_same_for_the_same_fuel_interpreted_and_compiled(string program, string arguments)
    {
        string interpreted = Run(program, arguments, WasmEngineKind.Interpreter);
        Assert.Equal(interpreted, Run(program, arguments, WasmEngineKind.Compiler));
        Assert.Equal(interpreted, Run(program, arguments, WasmEngineKind.Auto));
    }

    private static string Run(string program, string arguments, WasmEngineKind kind)
    {
        using var folder = new TemporaryFolder();
        using var output = new MemoryStream();
        var input = new byte[50_000];
        new Random(3).NextBytes(input);
        var engine = new WasmEngine(TimeProvider.System, new() { Engine = kind });
        using var host = new WasiHost(WasiOptions.Deterministic(1, DateTimeOffset.UnixEpoch) with
        {
            Arguments = [program, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            Folders = [new(folder.Path, "/data", IsWritable: true)],
            StandardInput = new MemoryStream(input),
            StandardOutput = output,
            StandardError = output,
        });
        using var call = new WasmCall(engine);
        int code = host.Run(engine.Load(CPrograms.Wasm(program)), call);
        return $"{code} {call.FuelUsed} {output.Length} {Convert.ToHexString(SHA256.HashData(output.ToArray()))}";
    }
}
