using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sirsi.TestKit;

/// <summary>
/// Stands between a client and a server on the loopback interface and misbehaves when told: cuts all connections, refuses new ones, or lets them hang. Safe for any number of threads.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private volatile bool _isClosed;
    private volatile TaskCompletionSource? _stall;
    private long _bytesUntilCut = long.MaxValue;

    /// <summary>Listens on a free port for connections to <paramref name="server"/>, <c>HOST:PORT</c>.</summary>
    public TcpProxy(string server)
    {
        _server = IPEndPoint.Parse(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, <c>HOST:PORT</c>.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Cuts every connection; new ones are taken unless <see cref="Close"/> was called.</summary>
    public void Cut()
    {
        foreach (TcpClient client in _open.Keys) client.Close();
    }

    /// <summary>Cuts every connection once so many more bytes have gone to the server: in the middle of whatever is being sent.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _bytesUntilCut, bytes);

    /// <summary>Cuts every connection and takes no new ones.</summary>
    public void Close()
    {
        _isClosed = true;
        Cut();
    }

    /// <summary>Takes connections again.</summary>
    public void Open() => _isClosed = false;

    /// <summary>Carries nothing more, in either direction, and leaves the connections open: neither side notices that the other is gone.</summary>
    public void Stall() => _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Close();
        _stall?.TrySetResult();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_isClosed) client.Close();
            else _ = CarryAsync(client);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            _open[client] = true;
            try
            {
                await server.ConnectAsync(_server);
                await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), isUp: true), CopyAsync(server.GetStream(), client.GetStream(), isUp: false));
            }
            catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One side is gone; so is the other, now.
            }
            finally
            {
                _open.TryRemove(client, out _);
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isUp)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int length; (length = await from.ReadAsync(buffer)) > 0;)
            {
                bool cut = isUp && Interlocked.Add(ref _bytesUntilCut, -length) < 0;
                if (_stall is { } stall) await stall.Task;
                await to.WriteAsync(buffer.AsMemory(0, cut ? length / 2 : length));
                if (!cut) continue;
                Interlocked.Exchange(ref _bytesUntilCut, long.MaxValue);
                Cut();
                return;
            }
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException)
        {
            // One side is gone; so is the other, now.
        }
    }
}
