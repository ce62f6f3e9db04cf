using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Redis;

/// <summary>How one enters a server without the client: connects, encrypts, says who we are.</summary>
internal static class RedisDoor
{
    /// <summary>Whether an exception tells of the server or the way to it.</summary>
    public static bool IsOfTheServer(Exception problem) =>
        problem is IOException or InvalidDataException or SocketException or AuthenticationException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Connects as the options say.</summary>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public static async Task<Stream> EnterAsync(RedisServer server, EndPoint place, CancellationToken cancellation)
    {
        RedisBusOptions options = server.Options;
        using var limit = new CancellationTokenSource(options.ConnectTimeout, server.Environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream stream = Stream.Null;
        try
        {
            await socket.ConnectAsync(place, either.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.UseTls) stream = await EncryptAsync(stream, options, place, either.Token);
            if (options.User is not null || options.Password is not null)
                await AskAsync(server, stream, RedisCommands.Encode("AUTH", options.User ?? "default", options.Password ?? ""), either.Token);
            await AskAsync(server, stream, RedisCommands.Encode("CLIENT", "SETNAME", $"{options.Prefix}-bus-publishing"), either.Token);
            return stream;
        }
        catch (Exception problem)
        {
            await stream.DisposeAsync();
            socket.Dispose();
            if (IsOfTheServer(problem)) throw server.Failure(problem);
            throw;
        }
    }

    /// <summary>Asks something on a line on which nothing else is asked.</summary>
    public static async Task<string> AskAsync(RedisServer server, Stream stream, byte[] command, CancellationToken cancellation)
    {
        await stream.WriteAsync(command, cancellation);
        byte[] buffer = new byte[4_096];
        for (int filled = 0; filled < buffer.Length;)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(filled), cancellation);
            if (count == 0) break;
            filled += count;
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, filled);
            if (!RedisReply.TryTake(ref bytes, out RedisReply reply)) continue;
            string text = Encoding.UTF8.GetString(reply.Text);
            return reply.IsError ? throw new BusException(BusErrors.Refused, $"{server.Options} does not let us in: {text}") : text;
        }

        throw new IOException("The server has closed the connection.");
    }

    private static async Task<Stream> EncryptAsync(Stream stream, RedisBusOptions options, EndPoint place, CancellationToken cancellation)
    {
        var encrypted = new SslStream(stream);
        var how = new SslClientAuthenticationOptions
        {
            TargetHost = options.TlsHost ?? (place is DnsEndPoint named ? named.Host : ((IPEndPoint)place).Address.ToString()),
            RemoteCertificateValidationCallback = new ServerTrust(options.TlsAuthorityFile).Check,
        };
        await encrypted.AuthenticateAsClientAsync(how, cancellation);
        return encrypted;
    }
}
