using System.Text.Json;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Spec;

/// <summary>
/// Runs scripts of the WebAssembly specification suite, converted to JSON by wast2json. A module that is refused for a feature that is off
/// counts as malformed or invalid, whichever a script asks for: without the feature its bytes mean nothing. Modules in the text format are
/// assembled; where their files are left out, what is said about them is skipped.
/// </summary>
internal sealed class SpecScript
{
    private readonly string _folder;
    private readonly string _name;
    private readonly WasmEngine _engine;
    private readonly WasmLinker _linker;
    private readonly SpecReport _report;
    private readonly Dictionary<string, WasmInstance> _named = new(StringComparer.Ordinal);
    private WasmInstance? _current;
    private bool _isUnsupported;

    private SpecScript(string file, WasmEngine engine, SpecReport report)
    {
        _folder = Path.GetDirectoryName(file)!;
        _name = Path.GetFileNameWithoutExtension(file);
        _engine = engine;
        _linker = SpecHost.Linker(engine);
        _report = report;
    }

    /// <summary>The features a folder of the suite is run with: none for the core, else those its proposal builds upon.</summary>
    internal static WasmFeatures FeaturesOf(string file)
    {
        return OwnFeaturesOf(file) is var own && own == WasmFeatures.None ? own : own | WasmFeatures.CompactImports;
    }

    private static WasmFeatures OwnFeaturesOf(string file)
    {
        string path = Path.GetFullPath(file).Replace('\\', '/');
        if (path.Contains("/extended-const/", StringComparison.Ordinal)) return WasmFeatures.ExtendedConstants;
        if (path.Contains("/tail-call/", StringComparison.Ordinal)) return WasmFeatures.TailCalls;
        if (path.Contains("/multi-memory/", StringComparison.Ordinal)) return WasmFeatures.MultipleMemories;
        if (path.Contains("/memory64/", StringComparison.Ordinal))
            return WasmFeatures.Memory64 | WasmFeatures.MultipleMemories | WasmFeatures.ExtendedConstants;
        if (path.Contains("/exception-handling/", StringComparison.Ordinal)) return WasmFeatures.ExceptionHandling | WasmFeatures.TailCalls;
        return path.Contains("/proposals/", StringComparison.Ordinal) ? WasmFeatures.All : WasmFeatures.None;
    }

    /// <summary>The options scripts are run with: no tighter limits than the suite's own.</summary>
    internal static WasmOptions Options(string file) => new()
    {
        Features = FeaturesOf(file),
        MemoryPagesMax = 65_536,
        MemoriesMax = 100,
        TablesMax = 100,
        TableElementsMax = 10_000_000,
    };

    /// <summary>Runs one script and adds what it gave to the report.</summary>
    internal static void Run(string file, WasmEngine engine, SpecReport report)
    {
        using JsonDocument script = JsonDocument.Parse(File.ReadAllBytes(file));
        var run = new SpecScript(file, engine, report);
        foreach (JsonElement command in script.RootElement.GetProperty("commands").EnumerateArray()) run.Command(command);
    }

    private void Command(JsonElement command)
    {
        string type = command.GetProperty("type").GetString()!;
        bool isMissing = Text(command, "module_type") == "text" && !File.Exists(FileOf(command));
        if (isMissing || (_isUnsupported && type is "action" or "assert_return" or "assert_trap" && UsesCurrent(command)))
        {
            _report.Skip(type);
            return;
        }

        string? failure;
        try
        {
            failure = Judge(type, command);
        }
        catch (WasmException refused) when (type == "module" && refused.Kind == WasmErrorKind.Unsupported)
        {
            // A folder may use features of other proposals beside its own: what is said of such a module is skipped.
            _isUnsupported = true;
            _report.Skip(type);
            return;
        }
        catch (Exception unexpected) when (unexpected is WasmException or WasmTrap or ArgumentException)
        {
            failure = $"{unexpected.GetType().Name}: {unexpected.Message}";
        }

        if (failure is null) _report.Pass(type);
        else _report.Fail(type, $"{_name}:{command.GetProperty("line").GetInt32()} {type}: {failure}");
    }

    /// <summary>Runs a command; null when it went as it should, else what happened instead.</summary>
    private string? Judge(string type, JsonElement command)
    {
        switch (type)
        {
            case "module": return Module(command);
            case "register":
                _linker.Define(Text(command, "as")!, Instance(command));
                return null;
            case "action":
                Act(command.GetProperty("action"));
                return null;
            case "assert_return": return Return(command);
            case "assert_trap" or "assert_exhaustion" or "assert_exception":
                return Trap(command, () => Act(command.GetProperty("action")));
            case "assert_malformed": return Refused(command, WasmErrorKind.Malformed, Load);
            case "assert_invalid": return Refused(command, WasmErrorKind.Invalid, Load);
            case "assert_unlinkable":
                return Refused(command, WasmErrorKind.Unlinkable, file => _linker.Instantiate(_engine.Load(Bytes(file))));
            case "assert_uninstantiable": return Trap(command, () => _linker.Instantiate(_engine.Load(Bytes(command))));
            default: return "unknown command";
        }
    }

    private string? Module(JsonElement command)
    {
        _isUnsupported = false;
        WasmModule module = _engine.Load(Bytes(command));
        if (Text(command, "definition") == "true") return null;
        _current = null;
        _current = _linker.Instantiate(module);
        if (Text(command, "name") is { } name) _named[name] = _current;
        return null;
    }

    private string? Return(JsonElement command)
    {
        WasmValue[] results = Act(command.GetProperty("action"));
        if (command.TryGetProperty("either", out JsonElement either))
            return results.Length == 1 && either.EnumerateArray().Any(one => SpecValue.Fits(results[0], one)) ? null : Found(results);
        JsonElement expected = command.GetProperty("expected");
        if (expected.GetArrayLength() != results.Length) return Found(results);
        int i = 0;
        foreach (JsonElement one in expected.EnumerateArray())
            if (!SpecValue.Fits(results[i++], one)) return $"{Found(results)} instead of {expected}";
        return null;
    }

    private static string? Trap(JsonElement command, Action action)
    {
        string text = Text(command, "text") ?? "uncaught exception";
        try
        {
            action();
            return $"no trap instead of {text}";
        }
        catch (WasmTrap trap)
        {
            // "uninitialized element 2" names the element; ours is without it.
            return trap.Message.StartsWith(text, StringComparison.Ordinal)
                || text.StartsWith(trap.Message.Split(" in ")[0], StringComparison.Ordinal)
                ? null
                : $"trap {trap.Message} instead of {text}";
        }
    }

    private static string? Refused(JsonElement command, WasmErrorKind kind, Action<JsonElement> action)
    {
        try
        {
            action(command);
            return $"accepted instead of {kind}: {Text(command, "text")}";
        }
        catch (WasmException refused)
        {
            bool fits = refused.Kind == kind || (refused.Kind == WasmErrorKind.Unsupported && kind != WasmErrorKind.Unlinkable);
            return fits ? null : $"{refused.Kind} ({refused.Message}) instead of {kind}: {Text(command, "text")}";
        }
    }

    private void Load(JsonElement command) => _engine.Load(Bytes(command));

    private WasmValue[] Act(JsonElement action)
    {
        WasmInstance instance = Instance(action, "module");
        string field = Text(action, "field")!;
        if (Text(action, "type") == "get") return [(instance.Global(field) ?? throw new ArgumentException("no global " + field)).Value];
        WasmValue[] arguments = [.. action.GetProperty("args").EnumerateArray().Select(SpecValue.Read)];
        using var call = new WasmCall(_engine);
        return (instance.Function(field) ?? throw new ArgumentException("no function " + field)).Invoke(call, arguments);
    }

    private static bool UsesCurrent(JsonElement command) => Text(command.GetProperty("action"), "module") is null;

    private WasmInstance Instance(JsonElement command, string key = "name") =>
        (Text(command, key) is { } name ? _named.GetValueOrDefault(name) : _current) ?? throw new ArgumentException("no such instance");

    private string FileOf(JsonElement command) => Path.Combine(_folder, Text(command, "filename")!);

    private ReadOnlyMemory<byte> Bytes(JsonElement command)
    {
        byte[] bytes = File.ReadAllBytes(FileOf(command));
        if (Text(command, "module_type") != "text") return bytes;
        WatResult result = WatParser.Parse(bytes);
        return result.Module ?? throw new WasmException(WasmErrorKind.Malformed, result.Problems[0].ToString());
    }

    private static string Found(WasmValue[] results) =>
        string.Join(", ", results.Select(static value => $"{value.Type.Name()} 0x{value.High:x}_{value.Low:x} {value.Reference}"));

    private static string? Text(JsonElement json, string key) => json.TryGetProperty(key, out JsonElement value) ? value.GetString() : null;
}
