using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

/// <summary>Modules written as text, for tests.</summary>
internal static class Wat
{
    private static readonly WasmEngine Engine = new(TimeProvider.System);

    /// <summary>Assembles; a problem fails the test.</summary>
    internal static byte[] Assemble(string text, bool names = true)
    {
        WatResult result = WatParser.Parse(text, new WatOptions { WriteNames = names });
        Assert.True(result.IsModule, string.Join('\n', result.Problems));
        return result.Module!.Value.ToArray();
    }

    internal static WasmModule Load(string text) => Engine.Load(Assemble(text));

    /// <summary>Runs the exported function "f".</summary>
    internal static WasmValue[] Run(string text, params WasmValue[] arguments) =>
        new WasmLinker(Engine).Instantiate(Load(text)).Invoke("f", arguments);

    /// <summary>The problems of a text that is no module.</summary>
    internal static string[] Problems(string text)
    {
        WatResult result = WatParser.Parse(text);
        Assert.False(result.IsModule, text);
        Assert.NotEmpty(result.Problems);
        return [.. result.Problems.Select(static problem => problem.ToString())];
    }
}
