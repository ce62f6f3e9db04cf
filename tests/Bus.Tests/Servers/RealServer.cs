using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>A server that one test has to itself, so that it can be killed, stopped and started again over the same data.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _program;
    private readonly Func<int, string, string[]> _arguments;
    private readonly int _port;
    private Process? _process;

    private RealServer(string program, Func<int, string, string[]> arguments)
    {
        if (!ChildProcess.IsInstalled(program)) Assert.Skip($"skipped: {program} is not installed");
        (_program, _arguments) = (program, arguments);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>A Redis that has on its disk whatever it has acknowledged.</summary>
    public static Task<RealServer> RedisAsync() => StartedAsync(new RealServer("redis-server", static (port, folder) =>
        ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"]));

    public static Task<RealServer> NatsAsync() => StartedAsync(new RealServer("nats-server", static (port, folder) =>
        ["--addr", "127.0.0.1", "--port", $"{port}", "--jetstream", "--store_dir", folder]));

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(_program, _arguments(_port, _folder.Path))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{_program} did not start.");
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (int i = 0; i < 200; i++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new TimeoutException($"{_program} does not listen.");
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Halts it, as if the machine were very busy: connections stay, answers do not come.</summary>
    public Task HaltAsync() => SignalAsync("-STOP");

    public Task ContinueAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private async Task SignalAsync(string signal) =>
        Assert.Equal(0, (await ChildProcess.RunAsync("kill", [signal, $"{_process!.Id}"])).ExitCode);

    private static async Task<RealServer> StartedAsync(RealServer server)
    {
        await server.StartAsync();
        return server;
    }
}
