using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>A server that one test has to itself, so that it can be killed, stopped and started again over the same data.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _program;
    private readonly Func<int, string, string[]> _arguments;
    private readonly int _port;
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private Process? _process;

    private RealServer(string program, Func<int, string, string[]> arguments)
    {
        if (!ChildProcess.IsInstalled(program) && !File.Exists(program)) Assert.Skip($"skipped: {program} is not installed");
        (_program, _arguments) = (program, arguments);
        _port = FreePort();
    }

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>A Redis that has on its disk whatever it has acknowledged.</summary>
    public static Task<RealServer> RedisAsync(params string[] more) => StartedAsync(new RealServer("redis-server", (port, folder) =>
        ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always", .. more]));

    public static Task<RealServer> NatsAsync() => StartedAsync(new RealServer("nats-server", static (port, folder) =>
        ["--addr", "127.0.0.1", "--port", $"{port}", "--jetstream", "--store_dir", folder]));

    /// <summary>A broker with a name, ports and a port mapper of its own, so that it meets no other of the machine.</summary>
    public static Task<RealServer> RabbitMqAsync()
    {
        var server = new RealServer("/usr/lib/rabbitmq/bin/rabbitmq-server", static (_, _) => []);
        string folder = server._folder.Path;
        server._folder.Write("plugins", "[].");
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
        [
            ("HOME", folder), ("RABBITMQ_MNESIA_BASE", folder), ("RABBITMQ_LOG_BASE", folder), ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "plugins")), ("RABBITMQ_PID_FILE", server.PidFile), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_NODENAME", $"sirsi-outage-{server._port}@localhost"), ("RABBITMQ_NODE_PORT", $"{server._port}"), ("RABBITMQ_DIST_PORT", $"{FreePort()}"),
            ("ERL_EPMD_PORT", $"{FreePort()}"), ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ])
            server._environment[name] = value;
        return StartedAsync(server);
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(_program, _arguments(_port, _folder.Path))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in _environment) start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{_program} did not start.");
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (int i = 0; i < 1_200; i++)
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
        if (ServerId != _process.Id) await SignalAsync("-KILL");
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
        if (_environment.TryGetValue("ERL_EPMD_PORT", out string? mapper)) await ChildProcess.RunAsync("epmd", ["-port", mapper, "-kill"]);
        _folder.Dispose();
    }

    private string PidFile => Path.Combine(_folder.Path, "pid");

    /// <summary>A server that a script starts writes its own number to a file.</summary>
    private int ServerId => File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile), out int id) ? id : _process!.Id;

    /// <summary>A port nobody listens on, below those that Linux gives to connections: a server that is killed finds it free again.</summary>
    private static int FreePort()
    {
        for (int i = 0; i < 50; i++)
        {
            int port = RandomNumberGenerator.GetInt32(12_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }

        throw new InvalidOperationException("No port was free in fifty.");
    }

    private async Task SignalAsync(string signal) =>
        Assert.Equal(0, (await ChildProcess.RunAsync("kill", [signal, $"{ServerId}"])).ExitCode);

    private static async Task<RealServer> StartedAsync(RealServer server)
    {
        await server.StartAsync();
        return server;
    }
}
