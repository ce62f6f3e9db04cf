using System.Collections.Concurrent;
using System.Net;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>A server on loopback that carries an effect out once for each idempotency key, and remembers all it was asked.</summary>
internal sealed class EffectServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, string> _effects = new(StringComparer.Ordinal);
    private readonly Task _serving;
    private int _requests;

    public EffectServer()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>How often it was asked, the same key counted each time.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What it has carried out, by key.</summary>
    public IReadOnlyDictionary<string, string> Effects => _effects;

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                _ = AnswerAsync(context);
            }
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            string effect = await reader.ReadToEndAsync();
            string key = context.Request.Headers["Idempotency-Key"]!;
            Interlocked.Increment(ref _requests);
            string kept = _effects.GetOrAdd(key, effect);
            context.Response.StatusCode = kept == effect ? 204 : 409;
            context.Response.Close();
        }
        catch (Exception failure) when (failure is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Who asked was killed.
        }
    }
}
