using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Nats;

/// <summary>A log as one JetStream stream with a subject for each partition.</summary>
internal sealed class NatsLog : LeasedLog
{
    private const int StreamNotFound = 10059;
    private const int StreamNameInUse = 10058;
    private const int MessageNotFound = 10037;
    private const int HeaderBytesMax = 256;

    private static readonly TimeSpan PositionTimeout = TimeSpan.FromSeconds(30);

    private readonly NatsServer _server;
    private readonly NatsServer.Connections _connections;
    private readonly NatsNames _names;
    private readonly NatsCells _cells;
    private readonly INatsJSStream _stream;
    private readonly AppendGate _gate;
    private readonly bool _recognizesRepetitions;
    private INatsSub<byte[]>? _news;
    private Task _hearing = Task.CompletedTask;

    private NatsLog(NatsServer server, NatsServer.Connections connections, LogName name, NatsNames names, INatsJSStream stream, LogOptions options)
        : base(name, names.Subjects.Count, new LeaseOptions(server.Options.Lease), server.Environment)
    {
        (_server, _connections, _names, _stream) = (server, connections, names, stream);
        _cells = new NatsCells(server, connections.Groups, names);
        _gate = new AppendGate(name, server.Options.AppendsMax);
        _recognizesRepetitions = options.DeduplicationWindow > TimeSpan.Zero && options.DeduplicationIdsMax > 0;
    }

    public override CellStore Cells => _cells;

    public static async ValueTask<NatsLog> OpenAsync(NatsServer server, LogName name, LogOptions options, CancellationToken cancellation)
    {
        NatsServer.Connections connections = await server.ConnectAsync();
        INatsJSStream stream = await server.AskAsync(FindOrMakeAsync(server, connections, name, options, cancellation), cancellation);
        var names = new NatsNames(server.Options.Prefix, name, stream.Info.Config.Subjects?.Count ?? options.Partitions);
        var log = new NatsLog(server, connections, name, names, stream, options);
        log._news = await server.AskAsync(connections.Other.SubscribeCoreAsync<byte[]>(names.News, cancellationToken: cancellation), cancellation);
        log._hearing = server.Environment.Executor.RunAsync(log.HearAsync);
        return log;
    }

    public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
    {
        // The client may keep the bytes until after this call.
        byte[] bytes = newEvent.Bytes.ToArray();
        return SendAsync(newEvent.Partition, newEvent.Id, bytes, cancellation);
    }

    public override PartitionFeed OpenFeed(int partition, long from, Signal wake) =>
        new NatsFeed(_server, _connections.Events, _names.Stream, _names.Subjects[partition], from, wake);

    public override void Poke() => _ = PokeAsync();

    public override async ValueTask<LogStatus> StatusAsync(CancellationToken cancellation)
    {
        StreamState state = await StateAsync(cancellation);
        return new LogStatus((long)state.Messages, (long)state.Bytes, (long)state.FirstSeq, (long)state.LastSeq + 1);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_news is null) return;
        try
        {
            await _news.UnsubscribeAsync();
        }
        catch (Exception problem) when (NatsServer.IsOfTheServer(problem))
        {
            // Subscriptions end with the connection.
        }

        await _news.DisposeAsync();
        await _hearing;
    }

    protected override async ValueTask<long[]> EndsAsync(CancellationToken cancellation)
    {
        Task<long>[] ends = [.. _names.Subjects.Select(subject => EndAsync(subject, cancellation))];
        return await Task.WhenAll(ends);
    }

    protected override async ValueTask<long> PositionAtAsync(DateTimeOffset time, CancellationToken cancellation)
    {
        long end = (long)(await StateAsync(cancellation)).LastSeq + 1;
        INatsJSConsumer consumer = await _server.AskAsync(
            _connections.Events.CreateConsumerAsync(
                _names.Stream,
                new ConsumerConfig
                {
                    Name = _server.Environment.Ids.Next().ToString("N"),
                    DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartTime,
                    OptStartTime = time.ToUniversalTime(),
                    AckPolicy = ConsumerConfigAckPolicy.None,
                    InactiveThreshold = PositionTimeout,
                },
                cancellation),
            cancellation);
        return await _server.AskAsync(FirstAsync(consumer, end, cancellation), cancellation);
    }

    private static async ValueTask<long> FirstAsync(INatsJSConsumer consumer, long end, CancellationToken cancellation)
    {
        await foreach (INatsJSMsg<byte[]> message in consumer.FetchNoWaitAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = 1 }, cancellationToken: cancellation))
            if (message.Metadata is { } metadata) return (long)metadata.Sequence.Stream;
        return end;
    }

    private static async ValueTask<INatsJSStream> FindOrMakeAsync(
        NatsServer server, NatsServer.Connections connections, LogName name, LogOptions options, CancellationToken cancellation)
    {
        var names = new NatsNames(server.Options.Prefix, name, options.Partitions);
        try
        {
            return await connections.Events.GetStreamAsync(names.Stream, cancellationToken: cancellation);
        }
        catch (NatsJSApiException missing) when (missing.Error.ErrCode == StreamNotFound)
        {
            // It is made now.
        }

        TimeSpan window = options.DeduplicationWindow > TimeSpan.Zero ? options.DeduplicationWindow : TimeSpan.FromSeconds(1);
        var config = new StreamConfig(names.Stream, [.. names.Subjects])
        {
            MaxAge = options.RetentionAge,
            MaxBytes = options.RetentionBytes,
            // The server refuses a window that is longer than events are kept.
            DuplicateWindow = window < options.RetentionAge ? window : options.RetentionAge,
            NumReplicas = server.Options.Replicas,
        };
        try
        {
            return await connections.Events.CreateStreamAsync(config, cancellation);
        }
        catch (NatsJSApiException late) when (late.Error.ErrCode == StreamNameInUse)
        {
            return await connections.Events.GetStreamAsync(names.Stream, cancellationToken: cancellation);
        }
    }

    private async Task<long> EndAsync(string subject, CancellationToken cancellation)
    {
        try
        {
            StreamMsgGetResponse last = await _stream.GetAsync(new StreamMsgGetRequest { LastBySubj = subject }, cancellation);
            return (long)(last.Message?.Seq ?? 0) + 1;
        }
        catch (NatsJSApiException none) when (none.Error.ErrCode == MessageNotFound)
        {
            return 0;
        }
        catch (Exception problem) when (NatsServer.IsOfTheServer(problem) && !cancellation.IsCancellationRequested)
        {
            throw _server.Failure(problem);
        }
    }

    private async ValueTask<StreamState> StateAsync(CancellationToken cancellation) =>
        (await _server.AskAsync(_connections.Events.GetStreamAsync(_names.Stream, cancellationToken: cancellation), cancellation)).Info.State;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<PublishReceipt> SendAsync(int partition, Guid id, byte[] bytes, CancellationToken cancellation)
    {
        _gate.Enter();
        try
        {
            // What waited for a connection would stand in a queue without a bound.
            if (_connections.Publishing.ConnectionState != NatsConnectionState.Open)
                throw new BusException(BusErrors.Unavailable, $"{_server.Options} cannot be reached.");
            int payloadMax = _connections.Publishing.ServerInfo?.MaxPayload ?? int.MaxValue;
            if (bytes.Length > payloadMax - HeaderBytesMax)
                throw new BusException(BusErrors.EventTooLong, $"The event takes {bytes.Length:N0} bytes, and {_server.Options} takes {payloadMax:N0} with its head.");
            var options = new NatsJSPubOpts { MsgId = _recognizesRepetitions && id != Guid.Empty ? id.ToString("N") : null, ExpectedStream = _names.Stream };
            PubAckResponse answer = await _server.AskAsync(
                _connections.Publications.PublishAsync(_names.Subjects[partition], bytes, opts: options, cancellationToken: cancellation), cancellation);
            if (answer.Error is { } error) throw new BusException(BusErrors.Refused, $"{_server.Options} refuses an event: {error.Description} ({error.ErrCode}).");
            return new PublishReceipt(partition, (long)answer.Seq, answer.Duplicate);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task PokeAsync()
    {
        try
        {
            await _connections.Other.PublishAsync(_names.News);
        }
        catch (Exception problem) when (NatsServer.IsOfTheServer(problem))
        {
            // Members look by themselves as well, only later.
        }
    }

    private async Task HearAsync()
    {
        while (await _news!.Msgs.WaitToReadAsync())
        {
            while (_news.Msgs.TryRead(out _))
            {
                // What counts is that there was news.
            }

            OnPoked();
        }
    }
}
