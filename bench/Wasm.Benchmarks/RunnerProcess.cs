using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>A process that runs modules when asked to: Node, or this program with this engine.</summary>
internal sealed class RunnerProcess : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private RunnerProcess(string name, string program, IEnumerable<string> arguments)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    /// <summary>How messages call it.</summary>
    public string Name { get; }

    /// <summary>Node with node-runner.mjs.</summary>
    /// <exception cref="InvalidOperationException">Node is not installed.</exception>
    public static RunnerProcess Node()
    {
        try
        {
            return new("node", "node", [Path.Combine(Modules.Repository, "bench", "Wasm", "node-runner.mjs")]);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("Node 20 is needed as the peer, and 'node' is not on the PATH.", missing);
        }
    }

    /// <summary>This program as a runner.</summary>
    public static RunnerProcess Ours(Settings settings)
    {
        // Started as 'dotnet X.dll' the program has to be named again; started by itself it is its own program.
        string program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        return new("ours", program, [.. self, "serve", .. settings.EngineArguments]);
    }

    /// <summary>Gives a command and waits for its answer.</summary>
    /// <exception cref="InvalidOperationException">The command failed, or the process ended or gave no answer in time.</exception>
    public async Task<JsonObject> AskAsync(params IEnumerable<string> command)
    {
        using var limit = new CancellationTokenSource(AnswerTime);
        string? line;
        try
        {
            await _process.StandardInput.WriteLineAsync(string.Join('\t', command).AsMemory(), limit.Token);
            await _process.StandardInput.FlushAsync(limit.Token);
            line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new InvalidOperationException($"{Name} gave no answer within {AnswerTime.TotalSeconds:F0} s.", late);
        }
        catch (IOException gone)
        {
            throw new InvalidOperationException($"{Name} has ended: {gone.Message}", gone);
        }

        JsonObject answer = line is null
            ? throw new InvalidOperationException($"{Name} ended without an answer.")
            : JsonNode.Parse(line)!.AsObject();
        return answer["error"] is { } error ? throw new InvalidOperationException($"{Name}: {error}") : answer;
    }

    public Task<JsonObject> LoadAsync(string file) => AskAsync("load", file);

    public Task<JsonObject> RunAsync(int n) => AskAsync("run", n.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
