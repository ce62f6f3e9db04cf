using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Messages;

/// <summary>A question under way.</summary>
internal sealed class PendingAsk(HostExecutor executor) : IAsker
{
    private readonly TaskCompletionSource<AgentReply> _source = new();
    private AgentReply _reply;
    private int _isAnswered;

    public void Answer(AgentReply reply)
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) != 0) return;
        _reply = reply;
        executor.Post(static state => ((PendingAsk)state!).Complete(), this);
    }

    /// <summary>The reply, or that none came in time.</summary>
    public async ValueTask<AgentReply> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        if (_source.Task.IsCompleted) return await _source.Task;
        try
        {
            return await _source.Task.WaitAsync(timeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            return new AgentReply(ReplyOutcome.TimedOut, default, SendOutcome.Accepted, $"No reply came within {timeout.TotalSeconds:0.###} s.");
        }
    }

    private void Complete() => _source.TrySetResult(_reply);
}
